import { createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { LedgerError } from '../error';
import { sha256 } from '../merkle/hash';
import { decodeBase64 } from './base64';

/** Checks the signatures of one key. */
export interface NoteVerifier {
  /** The key's name: for a log its origin, e.g. `example.com/log42`. */
  readonly name: string;
  /** The first four bytes of SHA-256(name ‖ 0x0A ‖ 0x01 ‖ public key), as an unsigned integer. */
  readonly keyId: number;
  /** The key as text: `name+keyId+base64(0x01 ‖ public key)`. This is what a verifier pins. */
  readonly vkey: string;
  verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Signs with one key, wherever that is kept: in this process, or in KMS. */
export interface NoteSigner {
  /** The public half; every signature is checked with it before it is used. */
  readonly verifier: NoteVerifier;
  /**
   * Signs the bytes as they are, Ed25519 as in RFC 8032 (KMS: `ED25519_SHA_512`, `MessageType: RAW`).
   *
   * @returns 64 bytes
   */
  sign(message: Uint8Array): Promise<Uint8Array>;
}

/**
 * Reads a vkey. The key object is made once and kept: making it costs ten times as much as a verification.
 *
 * @throws LedgerError KEY_MALFORMED, also for keys that are not Ed25519 and for an id that is not the key's
 * @see https://c2sp.org/signed-note
 */
export function noteVerifier(vkey: string): NoteVerifier {
  const match = /^([^+]*)\+([0-9a-f]{8})\+(.*)$/s.exec(vkey);
  const [name, id, encoded] = match ? [match[1]!, match[2]!, match[3]!] : ['', '', ''];
  const typed = decodeBase64(encoded);
  const isKey = isKeyName(name) && typed !== undefined && typed.length === 33 && typed[0] === ED25519;
  if (!isKey) throw new LedgerError('KEY_MALFORMED', `not the vkey of an Ed25519 key: ${JSON.stringify(vkey)}`);
  const keyId = keyIdOf(name, typed);
  if (hex(keyId) !== id) throw new LedgerError('KEY_MALFORMED', `${vkey} has the id ${id}, its key has ${hex(keyId)}`);
  const x = typed.subarray(1).toString('base64url');
  const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
  return {
    name,
    keyId,
    vkey,
    verify: (message, signature) => signature.length === 64 && verify(null, message, key, signature),
  };
}

/**
 * Writes a public key as a vkey.
 *
 * @param name not empty, without white space and `+`
 * @param publicKey e.g. `createPublicKey({ key: der, format: 'der', type: 'spki' })` of what KMS gives out
 * @throws LedgerError KEY_MALFORMED
 */
export function vkeyOf(name: string, publicKey: KeyObject): string {
  if (!isKeyName(name)) throw new LedgerError('KEY_MALFORMED', `not a key name: ${JSON.stringify(name)}`);
  const x = publicKey.asymmetricKeyType === 'ed25519' ? publicKey.export({ format: 'jwk' }).x : undefined;
  if (x === undefined) throw new LedgerError('KEY_MALFORMED', `${name}: the key is not an Ed25519 key`);
  const typed = Buffer.concat([Buffer.of(ED25519), Buffer.from(x, 'base64url')]);
  return `${name}+${hex(keyIdOf(name, typed))}+${typed.toString('base64')}`;
}

/**
 * A signer with a private key in this process.
 *
 * @param name the key's name: the log's origin
 * @throws LedgerError KEY_MALFORMED
 */
export function localSigner(name: string, privateKey: KeyObject): NoteSigner {
  const verifier = noteVerifier(vkeyOf(name, createPublicKey(privateKey)));
  return { verifier, sign: async (message) => sign(null, message, privateKey) };
}

/** Key names are not empty and hold neither `+` nor white space; control characters would break the note. */
export function isKeyName(name: string): boolean {
  return name !== '' && name.isWellFormed() && !/[+\p{White_Space}\x00-\x1f]/u.test(name);
}

/** Signature type of Ed25519 in signed notes. */
const ED25519 = 0x01;

function keyIdOf(name: string, typedKey: Buffer): number {
  return sha256(Buffer.concat([Buffer.from(`${name}\n`), typedKey])).readUInt32BE(0);
}

function hex(keyId: number): string {
  return keyId.toString(16).padStart(8, '0');
}
