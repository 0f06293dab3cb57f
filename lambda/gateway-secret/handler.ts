import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { gatewaySecretHash, newGatewaySecret } from '../../lib/routing/gateway-secret';
import {
  ACCEPTED_VERSIONS,
  hashAttribute,
  versionLabel,
  type GatewaySecretProperties,
} from '../../lib/routing/gateway-secret-resource';
import { answering, patiently, type StackWorld } from '../custom-resource/answer-stack';

/** What answering takes from outside. */
export interface GatewaySecretWorld extends StackWorld {
  /** Calls Secrets Manager. @throws an error with a `code` */
  call(
    action: string,
    input: { readonly SecretId: string } & Readonly<Record<string, unknown>>,
  ): Promise<Readonly<Record<string, unknown>>>;
  uuid(): string;
}

/**
 * Makes the versions of the API's secret that are missing, and answers CloudFormation with their hashes. The secrets themselves
 * stay in Secrets Manager, from where CloudFormation takes one for the stage.
 */
export function answerStack(world: GatewaySecretWorld): (event: CloudFormationCustomResourceEvent) => Promise<void> {
  return answering(world, 'gateway secret', async (event) => {
    const { secretId, version } = event.ResourceProperties as unknown as GatewaySecretProperties;
    checkStep(event, Number(version));
    const hashes: Record<string, string> = {};
    for (const offset of ACCEPTED_VERSIONS) {
      const label = versionLabel(Number(version) + offset);
      const secret = await patiently(world, () => secretOf(world, secretId, label));
      hashes[hashAttribute(offset)] = gatewaySecretHash(secret);
    }
    return hashes;
  });
}

/** Back is always possible, or nothing could be rolled back. */
function checkStep(event: CloudFormationCustomResourceEvent, version: number): void {
  if (event.RequestType !== 'Update') return;
  const old = Number((event.OldResourceProperties as Partial<GatewaySecretProperties>).version);
  if (version <= old + 1) return;
  throw new Error(
    `gatewaySecretVersion can go up by one at a deployment, since the function would refuse requests otherwise; got ${version} after ${old}`,
  );
}

/** The secret under a label; made if there is none. */
async function secretOf({ call, uuid }: GatewaySecretWorld, SecretId: string, label: string): Promise<string> {
  try {
    const { SecretString } = await call('GetSecretValue', { SecretId, VersionStage: label });
    return String(SecretString);
  } catch (error) {
    if ((error as { readonly code?: unknown }).code !== 'ResourceNotFoundException') throw error;
  }
  const made = newGatewaySecret();
  await call('PutSecretValue', {
    SecretId,
    ClientRequestToken: uuid(),
    SecretString: made,
    VersionStages: [label],
  });
  return made;
}
