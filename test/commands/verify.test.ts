import { readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { parquetMetadata } from 'hyparquet';
import { beforeEach, describe, expect, it } from 'vitest';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { fingerprintObject, fingerprintOf } from '../../lib/event/fingerprint';
import type { AuditEvent } from '../../lib/event/schema';
import { sealClosing, sealRequest } from '../support/sample-events';
import { runCli } from '../support/run-cli';
import { emptyTrail, writeBytes, writeFallback, writeObject } from '../support/sample-trail';

const at = (hour: number, minute = 0) => Date.UTC(2026, 10, 24, hour, minute);
const events = (sealed: readonly SealedEvent[]) => sealed.map(({ event }) => event);

interface Report {
  intact: boolean;
  totals: Record<string, number>;
  findings: Record<string, unknown>[];
  notices: Record<string, unknown>[];
  help: Record<string, { meaning: string; advice: string }>;
}

async function verify(dir: string): Promise<Report & { code: number | null }> {
  const { code, stdout, stderr } = await runCli(['verify', '--local', dir, '--format', 'json']);
  expect(stderr).toBe('');
  return { code, ...(JSON.parse(stdout) as Report) };
}

/** Codes with the places in the chain, e.g. `CHAIN_GAP@2`. */
const codes = ({ findings }: Report) => findings.map(({ code, sequence }) => `${code}@${sequence}`).sort();

/** Two writers over two hours: `closed` has ended its chain, `open` has not. Their objects: 07a, 07b, 08a, 08c. */
let dir: string;
let open: SealedEvent[];
let closed: SealedEvent[];

beforeEach(async () => {
  dir = await emptyTrail();
  const openChain = new Chain('open');
  open = [at(7, 1), at(7, 2), at(8, 3)].flatMap((time) => sealRequest(openChain, { time }));
  const closedChain = new Chain('closed');
  closed = [...sealRequest(closedChain, { time: at(7, 5), who: 'bob' }), sealClosing(closedChain, at(8, 6))];
  await writeObject(dir, '07a', events([...open.slice(0, 2), closed[0]!]));
  await writeObject(dir, '07b', events([...open.slice(2, 4), closed[1]!]));
  await writeObject(dir, '08a', events(open.slice(4)));
  await writeFallback(dir, '08c', closed.slice(2));
});

/** An event with a fingerprint that fits what it now says. */
function resealed(event: AuditEvent): AuditEvent {
  const fingerprint = fingerprintObject(fingerprintOf(event));
  return { ...event, attestation_list: event.attestation_list.map((entry) => ({ ...entry, fingerprint })) };
}

describe('audit-proxy verify', () => {
  it('finds nothing in a trail as it was written', async () => {
    expect(await verify(dir)).toEqual({
      code: 0,
      intact: true,
      checked_here: ['the fingerprints of 9 events', '2 chains'],
      totals: {
        objects: 4,
        events: 9,
        duplicates: 0,
        chains: 2,
        closed_chains: 1,
        open_chains: 1,
        leaves: null,
        hashed_objects: 0,
        hashed_bytes: 0,
        unsealed_objects: 0,
        expired_objects: 0,
        checkpoints: 0,
        requests: 0,
      },
      findings: [],
      notices: [
        expect.objectContaining({ code: 'NO_LEDGER' }),
        expect.objectContaining({ code: 'OPEN_CHAIN', detail: '1 of 2 chains' }),
      ],
      not_checked_here: [
        expect.stringMatching(/^locks, versions and delete markers: /),
        'objects against the ledger: the trail has none',
        'events against the edge log: the trail has none',
      ],
      key: null,
      help: { NO_LEDGER: expect.anything() as object, OPEN_CHAIN: expect.anything() as object },
    });
  });

  it('says so for people', async () => {
    const { code, stdout } = await runCli(['verify', '--local', dir]);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^events +9$/m);
    expect(stdout).toMatch(/^chains +2 \(1 closed, 1 open\)$/m);
    expect(stdout).toMatch(/^notice OPEN_CHAIN: An open chain/m);
    expect(stdout).toMatch(/^intact as far as checked: the fingerprints of 9 events, 2 chains; not checked: locks/m);
  });

  it('finds an edited event', async () => {
    const edited = { ...open[2]!.event, actor: { user: { name: 'mallory' } } };
    await writeObject(dir, '07b', [edited, open[3]!.event, closed[1]!.event]);
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(codes(report)).toEqual(['FINGERPRINT_MISMATCH@2']);
    expect(report.findings[0]).toEqual({
      code: 'FINGERPRINT_MISMATCH',
      object: 'events/dt=2026-11-24/hour=07/07b.parquet',
      dt: '2026-11-24',
      hour: '07',
      chain_uid: 'open',
      sequence: 2,
      uid: open[2]!.uid,
      detail: expect.stringContaining(open[2]!.fingerprint) as string,
    });
    expect(report.help['FINGERPRINT_MISMATCH']?.meaning).toMatch(/changed/);
  });

  it('finds an edited event whose fingerprint was made to fit', async () => {
    const { actor: _, ...rest } = open[2]!.event;
    await writeObject(dir, '07b', [resealed(rest), open[3]!.event, closed[1]!.event]);
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(codes(report)).toEqual(['CHAIN_BROKEN@3', 'OUTCOME_MISMATCH@2', 'OUTCOME_MISMATCH@3']);
  });

  it('finds a removed event', async () => {
    await writeObject(dir, '07b', [open[3]!.event, closed[1]!.event]);
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(codes(report)).toEqual(['CHAIN_GAP@3']);
    expect(report.findings[0]).toMatchObject({ uid: open[3]!.uid, detail: 'missing: 1' });
  });

  it('finds a removed object', async () => {
    await rm(path.join(dir, 'events/dt=2026-11-24/hour=07/07a.parquet'));
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(codes(report)).toEqual(['CHAIN_START_MISSING@1', 'CHAIN_START_MISSING@2']);
  });

  it('finds two events that changed places', async () => {
    const swap = (event: AuditEvent, sequence: number) => ({ ...event, metadata: { ...event.metadata, sequence } });
    await writeObject(dir, '07b', [swap(open[2]!.event, 3), swap(open[3]!.event, 2), closed[1]!.event]);
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(codes(report)).toEqual(
      expect.arrayContaining(['FINGERPRINT_MISMATCH@2', 'FINGERPRINT_MISMATCH@3', 'CHAIN_BROKEN@2']),
    );
  });

  it('counts a repeated event, and has nothing against it', async () => {
    await writeObject(dir, '07z', events(open.slice(0, 2)));
    await writeFallback(dir, '07y', open.slice(0, 1));
    const report = await verify(dir);
    expect(report).toMatchObject({ code: 0, intact: true, totals: { events: 9, duplicates: 3 } });
  });

  it('finds one uid with two fingerprints, and names both objects', async () => {
    await writeObject(dir, '07z', [resealed({ ...open[1]!.event, status_code: '500' })]);
    const report = await verify(dir);
    expect(report.code).toBe(1);
    const conflicts = report.findings.filter(({ code }) => code === 'UID_CONFLICT');
    expect(conflicts.map(({ uid }) => uid)).toEqual([open[1]!.uid, open[1]!.uid]);
    expect(conflicts[0]!['object']).toBe(
      'events/dt=2026-11-24/hour=07/07a.parquet, events/dt=2026-11-24/hour=07/07z.parquet',
    );
  });

  it('finds an event under an hour that is not its own', async () => {
    await writeObject(dir, 'moved', events(open.slice(4, 5)), { dt: '2026-11-23', hour: '23' });
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(report.findings.filter(({ code }) => code === 'MISPLACED_EVENT')).toEqual([
      expect.objectContaining({
        object: 'events/dt=2026-11-23/hour=23/moved.parquet',
        uid: open[4]!.uid,
        detail: 'happened in hour 2026-11-24 08',
      }),
    ]);
  });

  it('finds a row that is no event, whatever stands in it', async () => {
    const forged = { time: Number.MAX_SAFE_INTEGER } as unknown as AuditEvent;
    const key = await writeObject(dir, 'forged', [forged], { dt: '2026-11-24', hour: '07' });
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(codes(report)).toEqual([
      'EVENT_INVALID@null',
      'FINGERPRINT_MISMATCH@null',
      'MISPLACED_EVENT@null',
      'OBJECT_UNREADABLE@null',
    ]);
    expect(new Set(report.findings.map(({ object }) => object))).toEqual(new Set([key]));
    expect(report.findings.find(({ code }) => code === 'MISPLACED_EVENT')!['detail']).toBe(
      'its time 9007199254740991 is no date',
    );
  });

  describe('with damaged objects', () => {
    it('names each, and still checks the others', async () => {
      const key = 'events/dt=2026-11-24/hour=08/08a.parquet';
      const whole = await readFile(path.join(dir, key));
      await writeBytes(dir, key, whole.subarray(0, whole.length - 100));
      await writeBytes(dir, 'events/dt=2026-11-24/hour=09/empty.parquet', '');
      await writeBytes(dir, 'fallback/dt=2026-11-24/hour=09/cut.json', '{"time": 17');
      await writeObject(dir, '07b', [open[3]!.event, closed[1]!.event]);
      const report = await verify(dir);
      expect(report.code).toBe(1);
      expect(codes(report)).toEqual([
        'CHAIN_GAP@3',
        'OBJECT_UNREADABLE@null',
        'OBJECT_UNREADABLE@null',
        'OBJECT_UNREADABLE@null',
      ]);
      expect(report.findings.filter(({ code }) => code === 'OBJECT_UNREADABLE').map(({ object }) => object)).toEqual([
        key,
        'events/dt=2026-11-24/hour=09/empty.parquet',
        'fallback/dt=2026-11-24/hour=09/cut.json',
      ]);
      expect(report.totals).toMatchObject({ objects: 3, events: 6 });
    });

    it('finds damage in the middle of an object', async () => {
      const key = 'events/dt=2026-11-24/hour=07/07a.parquet';
      const bytes = await readFile(path.join(dir, key));
      bytes.fill(0x55, Math.floor(bytes.length / 4), Math.floor(bytes.length / 4) + 64);
      await writeBytes(dir, key, bytes);
      const report = await verify(dir);
      expect(report.code).toBe(1);
      expect(report.findings.length).toBeGreaterThan(0);
    });
  });

  it('finds damage in a column that no fingerprint covers', async () => {
    const key = 'events/dt=2026-11-24/hour=07/07a.parquet';
    const bytes = await readFile(path.join(dir, key));
    const { row_groups } = parquetMetadata(new Uint8Array(bytes).buffer);
    const column = row_groups[0]!.columns.find(
      ({ meta_data }) => meta_data?.path_in_schema.slice(-2).join('.') === 'fingerprint.algorithm',
    );
    const start = Number(column!.meta_data!.dictionary_page_offset ?? column!.meta_data!.data_page_offset);
    bytes.fill(0xff, start, start + 16);
    await writeBytes(dir, key, bytes);
    const report = await verify(dir);
    expect(report.code).toBe(1);
    expect(report.findings.filter(({ code }) => code === 'OBJECT_UNREADABLE').map(({ object }) => object)).toEqual([
      key,
    ]);
  });

  it('tells people what findings mean and what to do', async () => {
    await writeObject(dir, '07b', [open[3]!.event]);
    const { code, stdout } = await runCli(['verify', '--local', dir]);
    expect(code).toBe(1);
    expect(stdout).toContain('2 findings');
    expect(stdout).toMatch(
      /^CHAIN_GAP \(2\)\nEvents of the chain are missing before this one, and .*\nLook for objects/m,
    );
    expect(stdout).toContain(open[3]!.uid);
    expect(stdout).not.toContain('intact');
  });

  it('gives findings as CSV', async () => {
    await writeObject(dir, '07b', [open[3]!.event, closed[1]!.event]);
    const { code, stdout } = await runCli(['verify', '--local', dir, '--format', 'csv']);
    expect(code).toBe(1);
    expect(stdout.split('\r\n')).toEqual([
      'code,sequence,uid,chain_uid,detail,dt,hour,object',
      `CHAIN_GAP,3,${open[3]!.uid},open,missing: 1,2026-11-24,07,events/dt=2026-11-24/hour=07/07b.parquet`,
      '',
    ]);
  });

  it('exits with 2 if it could not check', async () => {
    const { code, stdout, stderr } = await runCli(['verify', '--local', path.join(dir, 'nowhere')]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^audit-proxy: no trail in .*nowhere: start one with npm start, or name it with --local DIR\n$/,
    );
  });
});
