import { canonicalize } from '../../event/canonical';
import { decodeBase64 } from '../checkpoint/base64';
import { formatTlogProof, parseTlogProof } from '../checkpoint/tlog-proof';
import { LedgerError } from '../error';
import { decodeLeaf, encodeLeaf, type ObjectLeaf } from '../leaf/object-leaf';
import { HASH_SIZE } from '../merkle/hash';
import { EvidenceError, inStep } from './error';

/** Evidence that one event stands in the ledger. Docs: docs/evidence.md. */
export interface Evidence {
  /** The event with its fingerprint, as its writer sealed it; read back, nothing is proven of it yet. */
  readonly event: object;
  /** Its place among the events of its object, from 0. */
  readonly eventIndex: number;
  /** Proof of that place in the tree over the object's events, from the sibling up; from `eventProof`. */
  readonly eventProof: readonly Uint8Array[];
  /** The leaf of the object. */
  readonly leaf: ObjectLeaf;
  /** Index of the leaf in the ledger, from 0. */
  readonly leafIndex: number;
  /** Proof of the leaf in the checkpoint's tree, from the sibling up; from `TiledTree.inclusionProof`. */
  readonly leafProof: readonly Uint8Array[];
  /** The signed checkpoint, byte for byte. */
  readonly checkpoint: Uint8Array;
}

/** Version of what stands in `extra`. Readers refuse what they do not know. */
export const EVIDENCE_VERSION = 1;

/**
 * Writes evidence as a C2SP `.tlog-proof` file: the proof of the object's leaf, and as `extra` (in base64) RFC 8785 JSON:
 *
 *     {"event":{…},"event_index":3,"event_proof":["<base64>",…],"leaf":{…},"v":1}
 *
 * `leaf` is, byte for byte, the entry of the ledger. The same evidence always gives the same bytes.
 *
 * @throws TypeError if the event holds what no event holds; LedgerError LEAF_MALFORMED
 * @see https://c2sp.org/tlog-proof
 */
export function formatEvidence({ leafIndex, leafProof, checkpoint, ...rest }: Evidence): Buffer {
  return formatTlogProof({ index: leafIndex, hashes: leafProof, checkpoint, extra: Buffer.from(extraOf(rest)) });
}

/**
 * Reads evidence. Accepts only bytes that `formatEvidence` writes; nothing is proven of what they say.
 *
 * @throws EvidenceError (step `file`) EVIDENCE_MALFORMED, EVIDENCE_VERSION_UNKNOWN, PROOF_MALFORMED, LEAF_MALFORMED,
 * LEAF_VERSION_UNKNOWN
 */
export function parseEvidence(bytes: Uint8Array): Evidence {
  const { index, hashes, checkpoint, extra } = inStep('file', () => parseTlogProof(bytes));
  if (extra === undefined) throw malformed('it proves an entry of a log, and names no event');
  return { ...parseExtra(extra), leafIndex: index, leafProof: hashes, checkpoint };
}

type Extra = Pick<Evidence, 'event' | 'eventIndex' | 'eventProof' | 'leaf'>;

function extraOf({ event, eventIndex, eventProof, leaf }: Extra): string {
  return canonicalize({
    event,
    event_index: eventIndex,
    event_proof: eventProof.map((hash) => Buffer.from(hash).toString('base64')),
    leaf: JSON.parse(String(encodeLeaf(leaf))) as object,
    v: EVIDENCE_VERSION,
  });
}

function parseExtra(extra: Uint8Array): Extra {
  const json = parseJson(extra);
  if (Number.isSafeInteger(json.v) && json.v !== EVIDENCE_VERSION) {
    const message = `the evidence has version ${String(json.v)}, known is ${EVIDENCE_VERSION}`;
    throw new EvidenceError('file', 'EVIDENCE_VERSION_UNKNOWN', message);
  }
  const { event, event_index: eventIndex, event_proof: eventProof, leaf } = json;
  if (!isObject(event)) throw malformed('it holds no event');
  if (!Number.isSafeInteger(eventIndex) || (eventIndex as number) < 0) throw malformed('the event has no place');
  const hashes = Array.isArray(eventProof) ? eventProof.map(hashOf) : [undefined];
  if (!hashes.every((hash) => hash !== undefined)) throw malformed('the event has no proof');

  const parsed = { event, eventIndex: eventIndex as number, eventProof: hashes, leaf: leafOf(leaf) };
  // One spelling only, and nothing else in it: what nobody checks must not be there.
  if (canonical(() => extraOf(parsed)) !== Buffer.from(extra).toString()) throw malformed('not the canonical form');
  return parsed;
}

function parseJson(extra: Uint8Array): { readonly [name: string]: unknown } {
  let value: unknown;
  try {
    value = JSON.parse(UTF8.decode(extra));
  } catch {
    throw malformed('extra is not JSON in UTF-8');
  }
  if (!isObject(value)) throw malformed('extra is not a JSON object');
  return value as { readonly [name: string]: unknown };
}

function leafOf(value: unknown): ObjectLeaf {
  const entry = canonical(() => Buffer.from(canonicalize(value)));
  return inStep('file', () => decodeLeaf(entry));
}

function hashOf(value: unknown): Buffer | undefined {
  const bytes = typeof value === 'string' ? decodeBase64(value) : undefined;
  return bytes?.length === HASH_SIZE ? bytes : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Nulls, fractions, and nesting beyond any stack have no canonical form. */
function canonical<T>(write: () => T): T {
  try {
    return write();
  } catch (error) {
    if (error instanceof LedgerError) throw error;
    throw malformed(error instanceof Error ? error.message : String(error));
  }
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function malformed(why: string): EvidenceError {
  return new EvidenceError('file', 'EVIDENCE_MALFORMED', `not evidence for an event: ${why}`);
}
