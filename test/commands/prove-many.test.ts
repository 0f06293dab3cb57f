import { createHash } from 'node:crypto';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { Chain } from '../../lib/event/chain';
import { checkEvidence, splitEvidence } from '../../lib/ledger/evidence';
import { SealedTrail } from '../evidence/support';
import { runCli } from '../support/run-cli';
import { sealRequest } from '../support/sample-events';

vi.setConfig({ testTimeout: 90_000 });

/** What callers may write: markup, quotes, bidi and zero-width characters, and a lot of it. */
const HOSTILE = `/a"><script>alert(1)</script><img src=x onerror=alert(2)>'&lt;\u202Egnp.exe\u2066\u200b${'x'.repeat(5000)}`;

let trail: SealedTrail;
let vkey: string;

beforeEach(async () => {
  trail = await SealedTrail.create();
  ({ vkey } = trail.signer.verifier);
});

const prove = (args: readonly string[], stdin = '') =>
  runCli(['prove', '--local', trail.dir, '--key', vkey, '--force', ...args], { stdin });
const file = (name: string) => path.join(trail.dir, name);
const uidsIn = async (name: string) =>
  splitEvidence(await readFile(name)).map((section) => checkEvidence(section, trail.signer.verifier).sealed.uid);

describe('audit-proxy prove of a request', () => {
  it('proves attempt and outcome in one file, by correlation id and by request id', async () => {
    const [attempt, outcome] = trail.first;
    const { correlation_uid } = attempt!.event.metadata;
    for (const name of [correlation_uid!, attempt!.event.api!.request!.uid]) {
      const { code, stdout } = await prove([name, '-o', file('request.tlog-proof')]);
      expect(code).toBe(0);
      expect(stdout).toContain(`event     ${attempt!.uid}, attempt\n`);
      expect(await uidsIn(file('request.tlog-proof'))).toEqual([attempt!.uid, outcome!.uid]);
    }
    const check = (...args: string[]) => runCli(['check', file('request.tlog-proof'), '--key', vkey, ...args]);
    expect(await check()).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/\nall 2 events are proven\n$/) as string,
    });
    const json = JSON.parse((await check('--format', 'json')).stdout) as { proven: boolean; events: { uid: string }[] };
    expect({ ...json, events: json.events.map(({ uid }) => uid) }).toEqual({
      proven: true,
      events: [attempt!.uid, outcome!.uid],
    });

    // One bad section is enough, and nothing may stand before, between or behind the sections.
    const good = String(await readFile(file('request.tlog-proof')));
    for (const bad of [good.replace(/index 300\n(?![\s\S]*index)/, 'index 301\n'), `x\n${good}`, `${good}x`]) {
      await writeFile(file('request.tlog-proof'), bad);
      const { code, stdout } = await check();
      expect(code, bad).toBe(1);
      expect(stdout).toMatch(/NOT PROVEN: 1 of \d events/);
    }
  });
});

describe('audit-proxy prove --from', () => {
  it('proves a query’s result, lists what it cannot prove, and exits with 1', async () => {
    const [one, two] = [trail.first[1]!, trail.second[1]!];
    const csv = `time,event_uid\r\n"a, ""b""",${one.uid}\r\n,nobody\r\n,${trail.unsealed[0]!.uid}\r\n,${two.uid}\r\n`;
    const { code, stdout, stderr } = await prove(['--from', '-', '-o', file('many.tlog-proof')], csv);
    expect(code).toBe(1);
    expect(stdout).toContain('ids       4: 2 proven, 2 not\nevents    2\n');
    expect(stderr).toMatch(/^not proven, 2:\n {2}nobody: no event .*\n {2}[\w-]+: the event [\w-]+ is not sealed yet/m);
    expect((await uidsIn(file('many.tlog-proof'))).sort()).toEqual([one.uid, two.uid].sort());
  });

  it('takes JSON and lines, and writes a folder', async () => {
    const [attempt, outcome] = trail.second;
    const { correlation_uid } = attempt!.event.metadata;
    const folder = file('evidence');
    expect(await prove(['--from', '-', '-o', `${folder}/`], JSON.stringify([{ correlation_uid }]))).toMatchObject({
      code: 0,
    });
    expect(await prove(['--from', '-', '-o', folder], `${attempt!.uid}\n\n${outcome!.uid}\n`)).toMatchObject({
      code: 0,
    });
    const names = [correlation_uid, attempt!.uid, outcome!.uid].map((name) => `${name}.tlog-proof`);
    expect((await readdir(folder)).sort()).toEqual(names.sort());
    expect(await uidsIn(path.join(folder, `${correlation_uid}.tlog-proof`))).toEqual([attempt!.uid, outcome!.uid]);
  });

  it('refuses what names nothing', async () => {
    const cases = [
      ['', 'names no event and no request'],
      ['[1]', 'looks like JSON, but is no array of objects'],
      ['event_uid\n"a', 'is no CSV'],
      ['[{"time":"x"}]', 'row 1 has none of event_uid, correlation_uid, request_id'],
      ['two words', 'is no id: "two words"'],
    ] as const;
    for (const [stdin, said] of cases) {
      const { code, stderr } = await prove(['--from', '-', '-o', file('x')], stdin);
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(said) as string });
    }
  });
});

describe('audit-proxy prove --page', () => {
  it('shows what hostile callers wrote as text, whole pages of it in short', async () => {
    const hostile = sealRequest(new Chain('hostile'), { path: HOSTILE, who: '<b onclick=x>\u202Eecila' });
    await trail.sealer.seal({ [await trail.write('hostile', hostile)]: hostile });
    const [attempt] = hostile;
    const out = file('hostile.tlog-proof');
    const { code } = await prove([attempt.event.metadata.correlation_uid!, '-o', out, '--page', file('page.html')]);
    expect(code).toBe(0);
    const page = await readFile(file('page.html'), 'utf8');
    expect(page.match(/<\/?[a-z!][^>]*>/gi)!.filter((tag) => /script|img|onclick|onerror|<b/i.test(tag) && !/^<body/.test(tag))).toEqual([]); // prettier-ignore
    expect(page).not.toMatch(/[^\P{Cf}]|[\u202a-\u202e\u2066-\u2069\u200b]/u);
    expect(page).toContain('&#60;script&#62;alert(1)');
    expect(page).toContain('\\u202egnp.exe\\u2066');
    expect(page).toContain('more characters in the evidence)');
    expect(page).toContain(
      createHash('sha256')
        .update(await readFile(out))
        .digest('hex'),
    );
    expect(page).toContain(vkey);
    expect(page).not.toContain(trail.dir); // It is handed over.
    expect(page.match(/<[^>]*\b(src|href|style|on\w+)=|@import|url\(/i)).toBeNull();
    const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!;
    expect(page).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`);
    for (const hash of checkedHops(await readFile(out))) expect(page).toContain(hash);
  });
});

/** Hashes of the leaf's inclusion proof, in hex. */
function checkedHops(evidence: Buffer): string[] {
  return [...String(evidence).matchAll(/^([\w+/]{43}=)$/gm)].map(([, hash]) =>
    Buffer.from(hash!, 'base64').toString('hex'),
  );
}
