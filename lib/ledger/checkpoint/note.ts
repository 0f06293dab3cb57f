import { LedgerError } from '../error';
import { decodeBase64 } from './base64';
import { isKeyName, type NoteSigner, type NoteVerifier } from './key';

/** A signature line of a note. */
export interface NoteSignature {
  readonly name: string;
  /** Name and id together tell which key signed. */
  readonly keyId: number;
  readonly signature: Buffer;
}

/** A note: a text, and signatures of which nothing is proven yet. */
export interface SignedNote {
  /** Ends with a newline; these are the bytes that are signed. */
  readonly text: string;
  readonly signatures: readonly NoteSignature[];
}

/** A note whose known signatures verify. */
export interface OpenedNote {
  readonly text: string;
  /** The keys that signed, each once. */
  readonly signedBy: readonly NoteVerifier[];
  /** Signatures by keys that are not known: ignored, as witnesses and new keys come along. */
  readonly unknown: readonly NoteSignature[];
}

/**
 * Reads a note without checking its signatures.
 *
 * @throws LedgerError NOTE_MALFORMED
 * @see https://c2sp.org/signed-note
 */
export function parseNote(bytes: Uint8Array): SignedNote {
  const note = decodeNote(bytes);
  const end = note.lastIndexOf('\n\n') + 1;
  if (end === 0 || end + 1 === note.length || !note.endsWith('\n')) throw malformed('it has no signatures');
  const lines = note.slice(end + 1, -1).split('\n');
  if (lines.length > MAX_SIGNATURES) throw malformed(`it has ${lines.length} signatures`);
  return { text: note.slice(0, end), signatures: lines.map(parseSignature) };
}

/**
 * Reads a note and checks every signature by a known key.
 *
 * @param keys the keys to trust
 * @throws LedgerError NOTE_MALFORMED, KEY_AMBIGUOUS, SIGNATURE_INVALID (one bad signature by a known key spoils the
 * note), SIGNATURE_MISSING
 */
export function openNote(bytes: Uint8Array, keys: readonly NoteVerifier[]): OpenedNote {
  const { text, signatures } = parseNote(bytes);
  const message = Buffer.from(text);
  const signedBy = new Set<NoteVerifier>();
  const unknown: NoteSignature[] = [];
  for (const signature of signatures) {
    const known = keys.filter(({ name, keyId }) => name === signature.name && keyId === signature.keyId);
    if (known.length > 1) throw new LedgerError('KEY_AMBIGUOUS', `two known keys are called ${known[0]!.vkey}`);
    const key = known[0];
    if (key === undefined) {
      unknown.push(signature);
    } else if (key.verify(message, signature.signature)) {
      signedBy.add(key);
    } else {
      throw new LedgerError('SIGNATURE_INVALID', `the signature by ${key.vkey} does not verify`);
    }
  }
  if (signedBy.size === 0) {
    const signers = signatures.map(({ name }) => name).join(', ');
    throw new LedgerError('SIGNATURE_MISSING', `no known key signed the note (signed by: ${signers})`);
  }
  return { text, signedBy: [...signedBy], unknown };
}

/**
 * Signs a text as a note.
 *
 * @param text ends with a newline, holds no other control characters
 * @throws LedgerError NOTE_MALFORMED, SIGNER_MISMATCH
 */
export async function signNote(text: string, signers: readonly NoteSigner[]): Promise<Buffer> {
  if (!text.endsWith('\n') || !text.isWellFormed() || CONTROL.test(text)) throw malformed('its text cannot be signed');
  const message = Buffer.from(text);
  const lines = await Promise.all(signers.map((signer) => signatureLine(signer, message)));
  return Buffer.from(`${text}\n${lines.join('')}`);
}

async function signatureLine(signer: NoteSigner, message: Buffer): Promise<string> {
  const { name, keyId, vkey } = signer.verifier;
  const signature = await signer.sign(message);
  if (!signer.verifier.verify(message, signature)) {
    throw new LedgerError('SIGNER_MISMATCH', `the signer's signature does not verify with its own vkey ${vkey}`);
  }
  const id = Buffer.alloc(4);
  id.writeUInt32BE(keyId);
  return `— ${name} ${Buffer.concat([id, signature]).toString('base64')}\n`;
}

function parseSignature(line: string): NoteSignature {
  const [dash, name, encoded, ...rest] = line.split(' ');
  const bytes = decodeBase64(encoded ?? '');
  const isSignature = dash === '—' && name !== undefined && isKeyName(name) && rest.length === 0;
  if (!isSignature || bytes === undefined || bytes.length < 5) throw malformed(`not a signature line: ${line}`);
  return { name, keyId: bytes.readUInt32BE(0), signature: bytes.subarray(4) };
}

function decodeNote(bytes: Uint8Array): string {
  if (bytes.length > MAX_SIZE) throw malformed(`it has ${bytes.length} bytes`);
  let note: string;
  try {
    note = UTF8.decode(bytes);
  } catch {
    throw malformed('it is not UTF-8');
  }
  if (CONTROL.test(note)) throw malformed('it holds control characters');
  return note;
}

/** The limits of Go's golang.org/x/mod/sumdb/note. */
const MAX_SIGNATURES = 100;
const MAX_SIZE = 1_000_000;

// ignoreBOM means: keep it, as every byte is signed.
const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const CONTROL = /[\x00-\x09\x0b-\x1f]/;

function malformed(why: string): LedgerError {
  return new LedgerError('NOTE_MALFORMED', `not a signed note: ${why}`);
}
