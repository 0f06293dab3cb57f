import { createHash, createHmac } from 'node:crypto';

/** Fewest characters of a key: who can try all keys can try all values. */
const MIN_KEY_LENGTH = 32;

/**
 * Pseudonyms of values under one key: `hmac:<id of the key>:<HMAC-SHA256 in base64url>`. The same value has the same
 * pseudonym wherever it stands, so that it can be searched for; without the key nobody can tell, by trying, which value it
 * stands for.
 *
 * @see https://www.rfc-editor.org/rfc/rfc2104
 */
export class Pseudonyms {
  /** Tells pseudonyms of different keys apart. It says nothing of the key. */
  readonly keyId: string;

  /**
   * @param key the secret's text; white space around it does not count
   * @throws Error if it is too short to be one
   */
  constructor(key: string) {
    this.key = key.trim();
    if (this.key.length < MIN_KEY_LENGTH) {
      throw new Error(`a key for pseudonyms has at least ${MIN_KEY_LENGTH} characters; got ${this.key.length}`);
    }
    this.keyId = createHash('sha256').update(`audit-proxy pseudonym key\n${this.key}`).digest('hex').slice(0, 8);
  }

  private readonly key: string;

  of(value: string): string {
    return `hmac:${this.keyId}:${createHmac('sha256', this.key).update(value).digest('base64url')}`;
  }
}
