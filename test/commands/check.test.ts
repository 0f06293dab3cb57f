import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { sealRequest } from '../support/sample-events';
import { Chain } from '../../lib/event/chain';
import { formatEvidence, type Evidence } from '../../lib/ledger/evidence';
import { EvidenceWorld, newSigner, sealedEvents } from '../ledger/evidence/support';
import { runCli } from '../support/run-cli';
import { emptyTrail } from '../support/sample-trail';

// Some tests start the command several times, which takes seconds each on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const LOG = 'audit.example.com/orders';
const signer = newSigner(LOG);
const { vkey } = signer.verifier;
const events = [...sealRequest(new Chain('chain'), { method: 'DELETE', status: 404 }), ...sealedEvents(1)];
const { uid, fingerprint } = events[1]!;

/** Event 1 of 3 in object 1 of 3. */
let evidence: Evidence;
let root: string;

beforeAll(async () => {
  const world = await EvidenceWorld.create([sealedEvents(2), events, sealedEvents(1)], signer, LOG);
  evidence = await world.evidence(1, 1);
  root = String(world.checkpoint).split('\n')[2]!;
});

/** Checks a file in a folder without a trail. */
async function check(file: Buffer | string, ...options: string[]) {
  const dir = await emptyTrail();
  await writeFile(path.join(dir, 'event.tlog-proof'), file);
  await writeFile(path.join(dir, 'ledger.vkey'), `${vkey}\n`);
  await writeFile(path.join(dir, 'no.vkey'), 'x'.repeat(5_000));
  return runCli(['check', 'event.tlog-proof', ...options], { cwd: dir });
}

describe('audit-proxy check', () => {
  it('says in plain words what is proven', async () => {
    expect(await check(formatEvidence(evidence), '--key', 'ledger.vkey')).toEqual({
      code: 0,
      stdout: `proven: this event is in the log, as it was recorded

who           alice (uid-alice, cognito)
what          DELETE /orders/7 of the service orders
when          2026-11-24T07:30:00.000Z
from          203.0.113.9
result        404, Failure, Allowed
event         ${uid}, outcome
fingerprint   ${fingerprint}
object        events/dt=2026-11-24/hour=07/1.parquet, version version-of-1; the event is 2 of 3 in it
sha-256       ${evidence.leaf.sha256}, 4711 bytes
log           audit.example.com/orders; the object is leaf 1 of 3, counted from 0
root          ${root}
signed by     ${vkey}

That the log leaves nothing out, and that this key is its key, no evidence for one event can show.
`,
      stderr: '',
    });
  });

  it('gives it as one JSON object', async () => {
    const { code, stdout } = await check(formatEvidence(evidence), '--key', vkey, '--format', 'json');
    expect(code).toBe(0);
    const { key, versionId: version_id, size, sha256 } = evidence.leaf;
    expect(JSON.parse(stdout)).toEqual({
      proven: true,
      uid,
      fingerprint,
      event: evidence.event,
      event_index: 1,
      object: { key, version_id, size, sha256, events: evidence.leaf.events },
      leaf_index: 1,
      checkpoint: { origin: LOG, size: 3, root },
      key: vkey,
    });
  });

  it('takes the file from standard input', async () => {
    const stdin = String(formatEvidence(evidence));
    const { code, stdout } = await runCli(['check', '-', '--key', vkey], { stdin });
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringMatching(/^proven: /) as string });
  });

  it('says which step failed, and shows nothing of the event', async () => {
    const forged = formatEvidence({ ...evidence, event: events[0]!.event });
    expect(await check(forged, '--key', vkey)).toEqual({
      code: 1,
      stdout: `not proven: the event is not in the object that the evidence names

step     object
code     PROOF_INVALID
detail   in the tree over its events: leaf 1 is not in the tree of 3 leaves
`,
      stderr: '',
    });
    const json = await check(forged, '--key', vkey, '--format', 'json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.stdout)).toEqual({
      proven: false,
      step: 'object',
      code: 'PROOF_INVALID',
      detail: 'in the tree over its events: leaf 1 is not in the tree of 3 leaves',
      meaning: 'the event is not in the object that the evidence names',
    });
  });

  it('does not let what is in a file steer the terminal', async () => {
    const note = Buffer.from('\u001b[2Jproven: all of it\n\n— x AAAAAAAA\n');
    const { code, stdout } = await check(formatEvidence({ ...evidence, checkpoint: note }), '--key', vkey);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^not proven: the key that you gave did not sign this state of this log$/m);
    expect(stdout).not.toContain('\u001b');
  });

  it('cannot check without a file, or a key, or with what a newer version wrote', async () => {
    const file = formatEvidence(evidence);
    const newer = String(file).replace(/^extra (.*)$/m, (_, extra: string) => {
      const json = String(Buffer.from(extra, 'base64')).replace(/"v":1}$/, '"v":2}');
      return `extra ${Buffer.from(json).toString('base64')}`;
    });
    const cases = [
      [await check(newer, '--key', vkey), 'event.tlog-proof needs a newer audit-proxy: the evidence has version 2'],
      [await check(file), "required option '--key <vkey>' not specified"],
      [await check(file, '--key', 'none.vkey'), '--key: not the vkey of an Ed25519 key: "none.vkey", and no file'],
      [await check(file, '--key', 'no.vkey'), '--key: the file no.vkey does not hold the vkey of an Ed25519 key, and'],
      [await runCli(['check', 'none.tlog-proof', '--key', vkey]), 'cannot read none.tlog-proof: ENOENT'],
    ] as const;
    for (const [{ code, stdout, stderr }, said] of cases) {
      expect({ code, stdout }, said).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(said);
      expect(stderr.length).toBeLessThan(300);
    }
  });

  it('explains itself, with examples', async () => {
    const { code, stdout } = await runCli(['check', '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('Examples:\n  $ audit-proxy check');
  });
});
