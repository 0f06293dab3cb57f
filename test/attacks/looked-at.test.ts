import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { rename, symlink } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { FINDING_HELP } from '../../bin/verify/help/findings';
import { DurableFiles } from '../../lambda/sealer/local/durable';
import { FolderStore } from '../../lambda/sealer/local/folder-store';
import { localKey } from '../../lambda/sealer/local/local-key';
import { timing } from '../../lambda/sealer/timing';
import { Sealer } from '../../lib/ledger/seal';
import { Chain } from '../../lib/event/chain';
import type { AuditEvent } from '../../lib/event/schema';
import { sealRequest } from '../support/sample-events';
import { emptyTrail, writeBytes, writeObject } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';
import { codesOf, verifyFolder } from '../verify/support';
import { addObject, bytesOf, remove, resealed } from './tools';

/** What does not look like an event is looked at all the same. Each attack is made before everything is sealed. */
async function trail(): Promise<{ dir: string; key: string; events: AuditEvent[] }> {
  const dir = await emptyTrail();
  const chain = new Chain('writer');
  const events = [...sealRequest(chain), ...sealRequest(chain)].map(({ event }) => event);
  const key = await writeObject(dir, 'good', events);
  return { dir, key, events };
}

async function found(dir: string, code: string) {
  await sealFolder(dir);
  const { findings } = await verifyFolder(dir);
  return findings.filter((finding) => finding.code === code).map(({ object, detail }) => ({ object, detail }));
}

it('finds every object whose name no writer gives, where queries read', async () => {
  const { dir, key } = await trail();
  const bytes = await bytesOf(dir, key);
  const folder = path.dirname(key);
  const odd = [
    ...['x', 'x.PARQUET', '_x.parquet', '.x.parquet', '.DS_Store', 'x.parquet.crc', 'x.json'].map((name) => `${folder}/${name}`),
    'events/x.parquet', 'events/dt=2026-11-24/x.parquet', 'events/dt=2026-02-30/hour=07/x.parquet',
    'events/dt=2026-11-24/hour=24/x.parquet', 'events/dt=2026-11-24/hour=7/x.parquet', 'events/DT=2026-11-24/hour=07/x.parquet',
    'events/dt=2026-11-24/hour=07/deeper/x.parquet', 'fallback/dt=2026-11-24/hour=07/x.parquet', 'edge/dt=2026-11-24/hour=07/x',
  ]; // prettier-ignore
  for (const one of odd) await writeBytes(dir, one, bytes);
  for (const one of ['errors/x', 'payloads/y']) await writeBytes(dir, one, bytes);
  const objects = (await found(dir, 'UNEXPECTED_OBJECT')).map(({ object }) => object);
  expect(objects.sort()).toEqual([...odd].sort());
});

it('finds what desktops leave in folders, says what to do, and looks at all else', async () => {
  const { dir, key, events } = await trail();
  const folder = path.dirname(key);
  const left = ['.DS_Store', 'Thumbs.db', 'desktop.ini'].map((name) => `${folder}/${name}`);
  for (const one of left) await writeBytes(dir, one, Buffer.from('Bud1'));
  await sealFolder(dir);
  const { findings, totals } = await verifyFolder(dir);
  expect(findings.map(({ code, object }) => `${code} ${object}`).sort()).toEqual(left.map((one) => `UNEXPECTED_OBJECT ${one}`).sort());
  for (const one of left) expect(FINDING_HELP.UNEXPECTED_OBJECT.advice).toContain(path.basename(one));
  expect(totals.events).toBe(events.length);
}); // prettier-ignore

it('finds a socket, and opens it no more than a FIFO', async () => {
  const { dir, key } = await trail();
  const place = `${path.dirname(key)}/s.parquet`;
  const server = createServer();
  // A path of a socket is at most 107 bytes long; this one is relative to its folder.
  const socket = path.join(dir, 's');
  await new Promise<void>((resolve) => void server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  await rename(socket, path.join(dir, place));
  expect(await found(dir, 'UNEXPECTED_OBJECT')).toEqual([{ object: place, detail: 'it is a socket, not a file' }]);
});

it('finds a device, and opens it no more than a FIFO', async (context) => {
  const { dir, key } = await trail();
  const place = `${path.dirname(key)}/zero.parquet`;
  try {
    execFileSync('mknod', [path.join(dir, place), 'c', '1', '5'], { stdio: 'pipe' });
  } catch (error) {
    process.stderr.write(`skipped: no device can be made here (${(error as Error).message.trim()})\n`);
    return context.skip();
  }
  expect(await found(dir, 'UNEXPECTED_OBJECT')).toEqual([{ object: place, detail: 'it is a device, not a file' }]);
});

it('finds a leaf that tells of no events where the object has some', async () => {
  const { dir, key } = await trail();
  const files = await DurableFiles.open(path.join(dir, '.staging-ledger'));
  const sealer = new Sealer({
    store: await FolderStore.open(path.join(dir, 'ledger'), path.join(dir, '.staging-ledger')),
    inspector: { inspect: async () => {
      const bytes = await bytesOf(dir, key);
      return { size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
    } },
    signer: await localKey(path.join(dir, 'keys'), files),
    timing,
  });
  await sealer.seal([{ key, versionId: 'null' }]);
  const { findings } = await verifyFolder(dir);
  expect(findings.map(({ code, object }) => [code, object])).toEqual([['LEAF_EVENTS_MISMATCH', key]]);
  expect(findings[0]!.detail).toMatch(/^the leaf tells of no events, the object has 4 events/);
}); // prettier-ignore

it('finds what is no file, and opens none of it', async () => {
  const { dir, key } = await trail();
  const folder = path.dirname(key);
  execFileSync('mkfifo', [path.join(dir, folder, 'pipe.parquet')]);
  await symlink(path.join(dir, key), path.join(dir, folder, 'link.parquet'));
  await symlink('/', path.join(dir, 'events/dt=2026-11-23'));
  expect(await found(dir, 'UNEXPECTED_OBJECT')).toEqual([
    { object: 'events/dt=2026-11-23', detail: 'it is a symbolic link, not a file' },
    { object: `${folder}/link.parquet`, detail: 'it is a symbolic link, not a file' },
    { object: `${folder}/pipe.parquet`, detail: 'it is a FIFO, not a file' },
  ]);
});

it('does not wait for a FIFO in the place of a sealed object, or of a file of the ledger', async () => {
  const { dir, key } = await trail();
  await sealFolder(dir);
  await remove(dir, key, 'ledger/tile/0/000.p/1');
  for (const place of [key, 'ledger/tile/0/000.p/1']) execFileSync('mkfifo', [path.join(dir, place)]);
  expect(codesOf(await verifyFolder(dir))).toEqual(expect.arrayContaining(['TILE_MISSING', 'UNEXPECTED_OBJECT']));
});

const EDITS: Record<string, (event: AuditEvent) => unknown> = {
  'metadata.sequence is -5': (event) => ({ ...event, metadata: { ...event.metadata, sequence: -5 } }),
  'class_uid is 6004': (event) => ({ ...event, class_uid: 6004 }),
  'unmapped.phase is zzz': (event) => ({ ...event, unmapped: { ...event.unmapped, phase: 'zzz' } }),
  'unmapped.phase is missing': (event) => ({ ...event, unmapped: { ...event.unmapped, phase: undefined } }),
  'status_id is 7': (event) => ({ ...event, status_id: 7 }),
};

it.each(Object.entries(EDITS))('finds an event that no writer makes: %s', async (detail, edit) => {
  const { dir, events } = await trail();
  const key = await addObject(dir, 'forged', [resealed(edit(events[0]!) as AuditEvent)]);
  expect(await found(dir, 'EVENT_INVALID')).toEqual([{ object: expect.stringContaining(key), detail }]);
});

it('finds another algorithm in a fingerprint, which no fingerprint covers', async () => {
  const { dir, events } = await trail();
  const [attestation] = events[0]!.attestation_list;
  const fingerprint = { ...attestation!.fingerprint, algorithm: 'MD5' };
  const event = { ...events[0]!, attestation_list: [{ ...attestation, fingerprint }] } as unknown as AuditEvent;
  const key = await addObject(dir, 'forged', [event]);
  const [finding] = await found(dir, 'EVENT_INVALID');
  expect(finding?.object).toContain(key);
  expect(finding?.detail).toBe('attestation_list[].fingerprint.algorithm is MD5');
});

it('finds a correlation_uid that two chains use', async () => {
  const { dir, events } = await trail();
  const [other] = sealRequest(new Chain('other')).map(({ event }) => event);
  const { correlation_uid } = events[0]!.metadata;
  await addObject(dir, 'forged', [resealed({ ...other!, metadata: { ...other!.metadata, correlation_uid } })]);
  expect((await found(dir, 'CORRELATION_CONFLICT')).length).toBeGreaterThan(1);
});

it('finds a leaf that is there twice, since the index was removed and everything sealed again', async () => {
  const { dir, key } = await trail();
  await sealFolder(dir);
  await remove(dir, 'ledger/index');
  expect(await found(dir, 'LEAF_REPEATED')).toEqual([
    { object: key, detail: 'leaf 1 is of version null, which was sealed before' },
  ]);
});
