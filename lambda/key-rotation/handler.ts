import { createPrivateKey, createPublicKey, sign, verify } from 'node:crypto';
import { decodeAssertionKeys, rotated, type AssertionKey, type AssertionKeys } from '../../lib/routing/assertion-keys';

/** What Secrets Manager tells a rotation function. */
export interface RotationEvent {
  readonly SecretId: string;
  /** Id of the version that is made. */
  readonly ClientRequestToken: string;
  readonly Step: string;
}

/** What rotating takes from outside. */
export interface RotationWorld {
  /** Calls Secrets Manager. @throws an error with a `code` */
  call(
    action: string,
    input: { readonly SecretId: string } & Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>;
  newKey(): AssertionKey;
}

/**
 * Rotates the key set of the assertions, in the four steps of Secrets Manager. Each step may come again.
 *
 * @see https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotate-secrets_lambda-functions.html
 */
export function rotation(world: RotationWorld): (event: RotationEvent) => Promise<void> {
  return async (event) => {
    switch (event.Step) {
      case 'createSecret':
        return createSecret(event, world);
      case 'setSecret':
        return; // Nobody else keeps the keys.
      case 'testSecret':
        return testSecret(event, world);
      case 'finishSecret':
        return finishSecret(event, world);
      default:
        throw new Error(`step ${event.Step} of a rotation is unknown`);
    }
  };
}

async function createSecret({ SecretId, ClientRequestToken }: RotationEvent, world: RotationWorld): Promise<void> {
  const pending = { SecretId, VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' };
  if (await orIfAbsent(world.call('GetSecretValue', pending))) return;
  const current = await orIfAbsent(world.call('GetSecretValue', { SecretId, VersionStage: 'AWSCURRENT' }));
  const next = rotated(keysOf(current?.['SecretString']) ?? { keys: [world.newKey(), world.newKey()] }, world.newKey());
  const SecretString = JSON.stringify(next);
  await world.call('PutSecretValue', { SecretId, ClientRequestToken, SecretString, VersionStages: ['AWSPENDING'] });
}

/** Signs with the key that will sign, and checks that with its public half. */
async function testSecret({ SecretId, ClientRequestToken }: RotationEvent, world: RotationWorld): Promise<void> {
  const pending = { SecretId, VersionId: ClientRequestToken, VersionStage: 'AWSPENDING' };
  const { SecretString } = await world.call('GetSecretValue', pending);
  const { kty, crv, x, d, kid } = decodeAssertionKeys(String(SecretString)).keys[0]!;
  const message = Buffer.from(kid);
  const signature = sign(null, message, createPrivateKey({ key: { kty, crv, x, d }, format: 'jwk' }));
  const isPair = verify(null, message, createPublicKey({ key: { kty, crv, x }, format: 'jwk' }), signature);
  if (!isPair) throw new Error(`the halves of key ${kid} do not belong together`);
}

async function finishSecret({ SecretId, ClientRequestToken }: RotationEvent, world: RotationWorld): Promise<void> {
  const { VersionIdsToStages } = await world.call('DescribeSecret', { SecretId });
  const stages = Object.entries((VersionIdsToStages ?? {}) as Readonly<Record<string, readonly string[]>>);
  const current = stages.find(([, names]) => names.includes('AWSCURRENT'))?.[0];
  if (current === ClientRequestToken) return;
  await world.call('UpdateSecretVersionStage', {
    SecretId,
    VersionStage: 'AWSCURRENT',
    MoveToVersionId: ClientRequestToken,
    ...(current !== undefined && { RemoveFromVersionId: current }),
  });
}

/** Undefined of the text that the secret is made with: random, no key set. */
function keysOf(text: unknown): AssertionKeys | undefined {
  try {
    return decodeAssertionKeys(String(text));
  } catch {
    return undefined;
  }
}

async function orIfAbsent<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if ((error as { readonly code?: unknown }).code === 'ResourceNotFoundException') return undefined;
    throw error;
  }
}
