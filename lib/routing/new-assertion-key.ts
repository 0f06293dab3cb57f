import { createHash, generateKeyPairSync } from 'node:crypto';
import type { AssertionKey } from './assertion-keys';

/** A new Ed25519 key pair. */
export function newAssertionKey(): AssertionKey {
  const { x, d } = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' }) as { x: string; d: string };
  return { kty: 'OKP', crv: 'Ed25519', kid: thumbprint(x), x, d };
}

/**
 * SHA-256 over the members that make the key, in the order of their names.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7638
 * @see https://www.rfc-editor.org/rfc/rfc8037#appendix-A.3
 */
export function thumbprint(x: string): string {
  return createHash('sha256')
    .update(JSON.stringify({ crv: 'Ed25519', kty: 'OKP', x }))
    .digest('base64url');
}
