import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { toParquet } from '../../bin/local/delivery/parquet';
import { fingerprintObject, fingerprintOf } from '../../lib/event/fingerprint';
import { partitionOf, partitionPath } from '../../lib/event/keys';
import { eventFromRow } from '../../lib/event/row';
import type { AuditEvent } from '../../lib/event/schema';
import { localSigner, type NoteSigner } from '../../lib/ledger';
import { writeBytes } from '../support/sample-trail';
import { sealFolder } from '../support/seal-folder';

/** What somebody does who has the rights of the folder's owner. */

/** Replaces a file, read-only or not. */
export async function overwrite(dir: string, key: string, bytes: Uint8Array | string): Promise<void> {
  await rm(path.join(dir, key), { force: true });
  await writeBytes(dir, key, bytes);
}

export async function bytesOf(dir: string, key: string): Promise<Buffer> {
  return readFile(path.join(dir, key));
}

export async function remove(dir: string, ...keys: string[]): Promise<void> {
  for (const key of keys) await rm(path.join(dir, key), { recursive: true });
}

/** The events of an object, in file order. */
export async function eventsIn(dir: string, key: string): Promise<AuditEvent[]> {
  const bytes = await bytesOf(dir, key);
  const rows = await parquetReadObjects({ file: new Uint8Array(bytes).buffer });
  return rows.map((row) => eventFromRow(row));
}

/** Rewrites an object, with the codec and columns of the real one. */
export async function rewrite(
  dir: string,
  key: string,
  change: (events: AuditEvent[]) => readonly AuditEvent[],
): Promise<void> {
  await overwrite(dir, key, toParquet(change(await eventsIn(dir, key))));
}

/** The event with a fingerprint that fits what it now says. */
export function resealed(event: AuditEvent): AuditEvent {
  const attestation_list = event.attestation_list.map((attestation) => ({
    ...attestation,
    fingerprint: fingerprintObject(fingerprintOf(event)),
  }));
  return { ...event, attestation_list };
}

/** A request that never was, told by the only event of a new chain. */
export function forged(like: AuditEvent, changes: Partial<AuditEvent['unmapped']> = {}): AuditEvent {
  return resealed({
    ...like,
    metadata: { ...like.metadata, uid: randomUUID(), correlation_uid: randomUUID(), sequence: 0 },
    actor: { user: { name: 'victim' } },
    unmapped: { ...like.unmapped, extended_request_id: 'never-was', ...changes },
    attestation_list: [{ ...like.attestation_list[0]!, chain_uid: randomUUID(), prev_event: undefined }],
  });
}

/** Puts an object with these events where they belong. */
export async function addObject(dir: string, name: string, events: readonly AuditEvent[]): Promise<string> {
  return writeBytes(dir, `events/${partitionPath(partitionOf(events[0]!.time))}${name}.parquet`, toParquet(events));
}

/**
 * Makes a ledger anew over all objects that are there, and leaves nothing of the old one.
 *
 * @param signer default: whoever has the trail's own key
 */
export async function rebuildLedger(dir: string, signer?: NoteSigner): Promise<void> {
  await rm(path.join(dir, 'ledger'), { recursive: true, force: true });
  await rm(path.join(dir, 'keys/ledger.size'), { force: true });
  await mkdir(path.join(dir, 'keys'), { recursive: true });
  // Without the record, or with the true one, the sealer would refuse.
  await writeFile(path.join(dir, 'keys/ledger.size'), '0\n');
  await sealFolder(dir, undefined, signer);
}

/** A key of somebody else for the same log. @param vkey the real one */
export function otherSigner(vkey: string): NoteSigner {
  return localSigner(vkey.split('+')[0]!, generateKeyPairSync('ed25519').privateKey);
}
