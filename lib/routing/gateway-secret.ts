import { createHash, randomBytes } from 'node:crypto';

/**
 * Name of the stage variable by which the API hands the function a secret, so that the function can tell a request of its API
 * from an event that somebody else invokes it with.
 */
export const GATEWAY_SECRET_VARIABLE = 'auditProxyGatewaySecret';

/** 256 bits, in characters that a stage variable may hold. */
export function newGatewaySecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What the function knows of a secret: its SHA-256, 64 lower-case hex digits. */
export function gatewaySecretHash(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
