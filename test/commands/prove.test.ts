import { chmod, readFile, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { checkEvidence } from '../../lib/ledger/evidence';
import { LOG, SealedTrail, requestWithId } from '../evidence/support';
import { runCli } from '../support/run-cli';

// Some tests start the command several times, which takes seconds each on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

let trail: SealedTrail;
let out: string;

beforeEach(async () => {
  trail = await SealedTrail.create();
  out = path.join(trail.dir, 'event.tlog-proof');
});

const prove = (name: string, ...options: string[]) => runCli(['prove', name, '--local', trail.dir, ...options]);
const uidIn = (evidence: Buffer) => checkEvidence(evidence, trail.signer.verifier).sealed.uid;

describe('audit-proxy prove', () => {
  it('writes evidence for its owner to read, and replaces it by --force only', async () => {
    const [first, second] = [trail.first[4]!.uid, trail.second[0]!.uid];
    const { vkey } = trail.signer.verifier;
    expect(await prove(first, '-o', out, '--key', vkey)).toEqual({
      code: 0,
      stdout: [
        `event     ${first}`,
        `object    ${trail.keys.first}`,
        `log       ${LOG}; the object is leaf 300 of 306, counted from 0`,
        `written   ${out}`,
        '',
      ].join('\n'),
      stderr: '',
    });
    expect(uidIn(await readFile(out))).toBe(first);
    expect((await stat(out)).mode & 0o777).toBe(0o600);

    const stderr = `audit-proxy: ${out} was not written: it is there already; --force replaces it\n`;
    expect(await prove(second, '-o', out)).toEqual({ code: 2, stdout: '', stderr });
    expect(uidIn(await readFile(out))).toBe(first);

    await chmod(out, 0o644);
    const { code, stdout } = await prove(second, '-o', out, '--force');
    expect(code).toBe(0);
    expect(stdout).toContain(`notice: the signature was not checked; --key with the vkey of ${LOG} does so`);
    expect(uidIn(await readFile(out))).toBe(second);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    expect((await readdir(trail.dir)).filter((name) => name.includes('tlog-proof'))).toEqual(['event.tlog-proof']);
  });

  it('writes it to standard output as -, and nothing else', async () => {
    const { uid } = trail.fallback[2]!;
    const { code, stdout, stderr } = await prove(uid, '-o', '-');
    expect(code).toBe(0);
    expect(uidIn(Buffer.from(stdout))).toBe(uid);
    expect(stderr).toMatch(/^written {3}to standard output$/m);
  });

  it('lists the events where two requests have one id', async () => {
    const both = [...requestWithId('request-of-both'), ...requestWithId('request-of-both')];
    await trail.sealer.seal({ [await trail.write('both', both)]: both });
    const { code, stdout, stderr } = await prove('request-of-both', '-o', out);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^audit-proxy: 4 events have the id request-of-both; they are of 2 requests; give the correlation_uid of one, or the uid of an event:\n\nuid /,
    );
    for (const { uid, event } of both) {
      const line = `^${uid} +${event.unmapped.phase} +2026-11-24T12:00:00.000Z +GET /orders/7`;
      expect(stderr).toMatch(new RegExp(line, 'm'));
    }
  });

  it('tells where there is nothing to prove, or nowhere to write, and writes nothing', async () => {
    const cases = [
      [['nobody', '-o', out], 'audit-proxy: no event of the trail has the uid or request id nobody. Events are'],
      [[trail.unsealed[1]!.uid, '-o', out], 'is not sealed yet'],
      [[trail.first[0]!.uid], "required option '-o, --output <path>' not specified"],
      [[trail.first[0]!.uid, '-o', path.join(trail.dir, 'none/x')], 'was not written: ENOENT'],
    ] as const;
    for (const [[name, ...options], said] of cases) {
      const { code, stdout, stderr } = await prove(name, ...options);
      expect({ code, stdout }, said).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(said);
    }
    expect((await readdir(trail.dir)).filter((name) => name.includes('tlog-proof'))).toEqual([]);
  });
});
