import { canonicalize } from '../../event/canonical';
import { LedgerError } from '../error';
import { MAX_ENTRY_SIZE } from '../tiles/bundle';

/** What the ledger says of one delivered object version. */
export interface ObjectLeaf {
  /** The object's key in the bucket, e.g. `events/dt=2026-11-24/hour=07/….parquet`. */
  readonly key: string;
  /** The version's id. S3 says `null`, as text, where a bucket has no versions. */
  readonly versionId: string;
  /** The object's length in bytes. */
  readonly size: number;
  /** SHA-256 of the object's bytes, 64 lower-case hex digits. */
  readonly sha256: string;
  /** Of an object that holds audit events; absent of any other. */
  readonly events?: EventsRoot;
}

/** What a leaf says of the events in its object. */
export interface EventsRoot {
  /** Number of events in the object. */
  readonly count: number;
  /** RFC 6962 root over their fingerprints in file order, 64 lower-case hex digits; from `EventsHasher`. */
  readonly root: string;
}

/** Version of the encoding. Readers refuse what they do not know. */
export const LEAF_VERSION = 1;

/**
 * Writes a leaf as an entry of the log: RFC 8785 (JCS) JSON in UTF-8, so that equal leaves have equal bytes.
 *
 *     {"events":{"count":2,"root":"…"},"key":"events/…","sha256":"…","size":1234,"v":1,"version_id":"…"}
 *
 * @throws LedgerError LEAF_MALFORMED if a field has the wrong form, ENTRY_TOO_LARGE
 */
export function encodeLeaf({ key, versionId, size, sha256, events }: ObjectLeaf): Buffer {
  requireText('key', key);
  requireText('version_id', versionId);
  requireCount('size', size);
  requireDigest('sha256', sha256);
  if (events !== undefined) {
    requireCount('events.count', events.count);
    requireDigest('events.root', events.root);
  }
  const eventsJson = events && { count: events.count, root: events.root };
  const json = { v: LEAF_VERSION, key, version_id: versionId, size, sha256, events: eventsJson };
  const entry = Buffer.from(canonicalize(json));
  if (entry.length <= MAX_ENTRY_SIZE) return entry;
  throw new LedgerError('ENTRY_TOO_LARGE', `the leaf of ${key.slice(0, 100)}… has ${entry.length} bytes`);
}

/**
 * Reads a leaf. Accepts only the bytes that `encodeLeaf` writes: no other spelling, no further fields.
 *
 * @throws LedgerError LEAF_MALFORMED, LEAF_VERSION_UNKNOWN
 */
export function decodeLeaf(entry: Uint8Array): ObjectLeaf {
  const json = parseObject(entry);
  if (Number.isSafeInteger(json.v) && json.v !== LEAF_VERSION) {
    throw new LedgerError('LEAF_VERSION_UNKNOWN', `a leaf has version ${String(json.v)}, known is ${LEAF_VERSION}`);
  }
  const events = json.events as { count: number; root: string } | null | undefined;
  const leaf = {
    key: json.key as string,
    versionId: json.version_id as string,
    size: json.size as number,
    sha256: json.sha256 as string,
    ...(events != null && { events: { count: events.count, root: events.root } }),
  };
  // Encoding checks every field, and that nothing else was there.
  if (Buffer.compare(encodeLeaf(leaf), entry) === 0) return leaf;
  throw malformed('not the canonical form');
}

function parseObject(entry: Uint8Array): { readonly [name: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(entry));
  } catch {
    throw malformed('not JSON in UTF-8');
  }
  if (typeof value !== 'object' || value === null) throw malformed('not a JSON object');
  return value as { readonly [name: string]: unknown };
}

function requireText(name: string, value: unknown): void {
  if (typeof value !== 'string' || value === '' || !value.isWellFormed()) throw malformed(`${name} is not a text`);
}

function requireCount(name: string, value: unknown): void {
  if (!Number.isSafeInteger(value) || (value as number) < 0) throw malformed(`${name} is not a count`);
}

function requireDigest(name: string, value: unknown): void {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) throw malformed(`${name} is not a SHA-256 in hex`);
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function malformed(why: string): LedgerError {
  return new LedgerError('LEAF_MALFORMED', `not the leaf of an object: ${why}`);
}
