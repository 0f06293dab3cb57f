import { timingSafeEqual } from 'node:crypto';
import { GATEWAY_SECRET_VARIABLE, gatewaySecretHash } from '../../../lib/routing/gateway-secret';

const SHA256 = /^[0-9a-f]{64}$/;

/** Whether an event holds the secret that the API's stage hands the function. */
export type CheckGatewaySecret = (event: Readonly<Record<string, unknown>>) => boolean;

/**
 * Makes the check of the secret. The function knows only SHA-256 hashes, so that its configuration lets nobody forge an event;
 * it knows several, so that a secret can be changed without refusing anybody meanwhile.
 *
 * @param hashes by `gatewaySecretHash`
 * @throws Error for what is no hash
 */
export function gatewaySecretCheck(hashes: readonly string[]): CheckGatewaySecret {
  const wrong = hashes.find((hash) => !SHA256.test(hash));
  if (wrong !== undefined) throw new Error(`gatewaySecretHashes must be 64 lower-case hex digits each; got ${wrong}`);
  const known = hashes.map((hash) => Buffer.from(hash));
  return ({ stageVariables }) => {
    const secret = (stageVariables as Readonly<Record<string, unknown>> | null | undefined)?.[GATEWAY_SECRET_VARIABLE];
    if (typeof secret !== 'string') return false;
    const given = Buffer.from(gatewaySecretHash(secret));
    // Each is looked at, whichever it is.
    return known.filter((hash) => timingSafeEqual(hash, given)).length > 0;
  };
}
