import { LedgerError } from '../error';
import { HASH_SIZE } from '../merkle/hash';
import type { TreeHead } from '../merkle/proof';
import { decodeBase64 } from './base64';
import type { NoteSigner, NoteVerifier } from './key';
import { openNote, signNote } from './note';

/** What a log commits to: how many leaves it has, and their root. */
export interface Checkpoint extends TreeHead {
  /** The log's name, e.g. `example.com/log42`. */
  readonly origin: string;
  readonly size: number;
  /** 32 bytes. */
  readonly root: Uint8Array;
  /** Further lines, opaque. This library writes none; foreign logs may. @default none */
  readonly extensions?: readonly string[];
}

/** The text of a checkpoint, which is what is signed. @see https://c2sp.org/tlog-checkpoint */
export function formatCheckpoint({ origin, size, root, extensions = [] }: Checkpoint): string {
  return [origin, String(size), Buffer.from(root).toString('base64'), ...extensions]
    .map((line) => `${line}\n`)
    .join('');
}

/** Reads a checkpoint's text. @throws LedgerError CHECKPOINT_MALFORMED */
export function parseCheckpoint(text: string): Checkpoint {
  const lines = text.split('\n');
  const end = lines.pop();
  const [origin, size, encodedRoot, ...extensions] = lines;
  const root = decodeBase64(encodedRoot ?? '');
  const complete = end === '' && lines.every((line) => line !== '') && origin !== undefined && size !== undefined;
  const isSize = complete && /^(0|[1-9]\d*)$/.test(size) && Number.isSafeInteger(Number(size));
  if (!isSize || root === undefined || root.length !== HASH_SIZE) {
    throw new LedgerError('CHECKPOINT_MALFORMED', `not a checkpoint: ${JSON.stringify(text.slice(0, 200))}`);
  }
  return { origin, size: Number(size), root, ...(extensions.length > 0 && { extensions }) };
}

/**
 * Signs a checkpoint.
 *
 * @returns the file `checkpoint`
 * @throws LedgerError CHECKPOINT_MALFORMED, SIGNER_MISMATCH
 */
export async function signCheckpoint(checkpoint: Checkpoint, signers: readonly NoteSigner[]): Promise<Buffer> {
  const text = formatCheckpoint(checkpoint);
  parseCheckpoint(text); // nothing is signed that could not be read
  return signNote(text, signers);
}

/**
 * Reads a signed checkpoint and checks it.
 *
 * @param keys the log's keys. Signatures by others (witnesses) are ignored; do not pass theirs, as any one key suffices
 * @param origin whose checkpoint it must be; if omitted, the name of the key that signed
 * @throws LedgerError NOTE_MALFORMED, CHECKPOINT_MALFORMED, KEY_AMBIGUOUS, SIGNATURE_INVALID, SIGNATURE_MISSING,
 * ORIGIN_MISMATCH
 */
export function openCheckpoint(bytes: Uint8Array, keys: readonly NoteVerifier[], origin?: string): Checkpoint {
  const { text, signedBy } = openNote(bytes, keys);
  const checkpoint = parseCheckpoint(text);
  const expected = origin === undefined ? signedBy.map(({ name }) => name) : [origin];
  if (!expected.includes(checkpoint.origin)) {
    const message = `the checkpoint is of ${checkpoint.origin}, not of ${expected.join(' or ')}`;
    throw new LedgerError('ORIGIN_MISMATCH', message);
  }
  return checkpoint;
}
