/** An Ed25519 key pair as a JSON Web Key (RFC 8037 section 2). */
export interface AssertionKey {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  /** Thumbprint of the public half (RFC 7638), so that a key cannot be mistaken for another. */
  readonly kid: string;
  /** Public half, base64url. */
  readonly x: string;
  /** Private half, base64url. */
  readonly d: string;
}

/** A public key as the services see it. */
export type PublishedKey = Omit<AssertionKey, 'd'> & { readonly alg: 'EdDSA'; readonly use: 'sig' };

/**
 * The keys of the assertions, in the order of their use: the first one signs, the second one will sign after the next
 * rotation, the third one signed before. All are published, so that a service that keeps the key set for a while knows
 * every key before it is used, and until the last assertion that it signed has ended.
 */
export interface AssertionKeys {
  readonly keys: readonly AssertionKey[];
}

/** Keys that are kept: the signing one, the next one, and the one before. */
const KEPT = 3;

/** @throws Error that says what is wrong, and nothing of the keys */
export function decodeAssertionKeys(text: string): AssertionKeys {
  const { keys } = parsed(text);
  if (!Array.isArray(keys) || keys.length === 0) throw new Error('the secret holds no key set yet');
  if (!keys.every(isAssertionKey)) throw new Error('the secret holds a key that is no Ed25519 key pair with an id');
  return { keys };
}

/** The key set after a rotation: the next key signs from now on, the one that signed can still be checked. */
export function rotated({ keys: [signing, next] }: AssertionKeys, added: AssertionKey): AssertionKeys {
  const keys = [next, added, signing].filter((key) => key !== undefined);
  return { keys: keys.slice(0, KEPT) };
}

export function publishedKeys({ keys }: AssertionKeys): { readonly keys: readonly PublishedKey[] } {
  return { keys: keys.map(({ kty, crv, kid, x }) => ({ kty, crv, kid, x, alg: 'EdDSA', use: 'sig' })) };
}

function parsed(text: string): { readonly keys?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as object;
  } catch {
    return {};
  }
}

function isAssertionKey(key: unknown): key is AssertionKey {
  const { kty, crv, kid, x, d } = (key ?? {}) as Record<string, unknown>;
  return kty === 'OKP' && crv === 'Ed25519' && [kid, x, d].every((part) => typeof part === 'string' && part !== '');
}
