import { LedgerError } from '../error';
import { HASH_SIZE, hashLeaf } from '../merkle/hash';
import { verifyInclusion } from '../merkle/proof';
import { decodeBase64 } from './base64';
import { openCheckpoint, type Checkpoint } from './checkpoint';
import type { NoteVerifier } from './key';

/** First line of a `.tlog-proof` file. */
export const TLOG_PROOF_HEADER = 'c2sp.org/tlog-proof@v1';

/** Evidence that an entry is in a log, which can be checked offline. */
export interface TlogProof {
  /** Index of the entry's leaf. */
  readonly index: number;
  /** Its inclusion proof in the checkpoint's tree, from the sibling up. */
  readonly hashes: readonly Uint8Array[];
  /** The signed checkpoint, byte for byte. */
  readonly checkpoint: Uint8Array;
  /** Opaque, and **not** authenticated by the proof. @default none */
  readonly extra?: Uint8Array;
}

/** Writes the evidence as a `.tlog-proof` file. @see https://c2sp.org/tlog-proof */
export function formatTlogProof({ index, hashes, checkpoint, extra }: TlogProof): Buffer {
  const lines = [TLOG_PROOF_HEADER];
  if (extra !== undefined) lines.push(`extra ${base64(extra)}`);
  lines.push(`index ${index}`, ...hashes.map(base64), '', '');
  return Buffer.concat([Buffer.from(lines.join('\n')), checkpoint]);
}

/** Reads a `.tlog-proof` file. Nothing is proven of it yet. @throws LedgerError PROOF_MALFORMED */
export function parseTlogProof(bytes: Uint8Array): TlogProof {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  const end = file.indexOf('\n\n');
  if (end < 0) throw malformed('there is no checkpoint');
  const lines = file.subarray(0, end).toString('latin1').split('\n');
  if (lines.shift() !== TLOG_PROOF_HEADER) throw malformed(`it does not begin with ${TLOG_PROOF_HEADER}`);
  const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift()!.slice('extra '.length)) : undefined;
  const index = /^index (0|[1-9]\d*)$/.exec(lines.shift() ?? '')?.[1];
  if (index === undefined || !Number.isSafeInteger(Number(index))) throw malformed('there is no index');
  const hashes = lines.map(fromBase64);
  if (hashes.some(({ length }) => length !== HASH_SIZE)) throw malformed(`a hash is not ${HASH_SIZE} bytes long`);
  return { index: Number(index), hashes, checkpoint: file.subarray(end + 2), ...(extra !== undefined && { extra }) };
}

/**
 * Checks evidence: the checkpoint's signature, and that the entry is in its tree.
 *
 * @param proof the file, or what `parseTlogProof` made of it
 * @param entry the entry as the log holds it
 * @param keys the log's keys
 * @param origin whose log it must be; if omitted, the name of the key that signed
 * @returns the checkpoint that commits to the entry
 * @throws LedgerError PROOF_MALFORMED, PROOF_INVALID, OUT_OF_RANGE, and as `openCheckpoint`
 */
export function verifyTlogProof(
  proof: Uint8Array | TlogProof,
  entry: Uint8Array,
  keys: readonly NoteVerifier[],
  origin?: string,
): Checkpoint {
  const { index, hashes, checkpoint } = proof instanceof Uint8Array ? parseTlogProof(proof) : proof;
  const head = openCheckpoint(checkpoint, keys, origin);
  verifyInclusion(hashLeaf(entry), index, head, hashes);
  return head;
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function fromBase64(text: string): Buffer {
  const bytes = decodeBase64(text);
  if (bytes === undefined) throw malformed(`not base64: ${JSON.stringify(text.slice(0, 100))}`);
  return bytes;
}

function malformed(why: string): LedgerError {
  return new LedgerError('PROOF_MALFORMED', `not a tlog-proof: ${why}`);
}
