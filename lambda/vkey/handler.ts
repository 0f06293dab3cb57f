import type { CloudFormationCustomResourceEvent, CloudFormationCustomResourceResponse } from 'aws-lambda';
import { createPublicKey } from 'node:crypto';
import { vkeyOf } from '../../lib/ledger/checkpoint/key';
import { VKEY_ATTRIBUTE, type VkeyProperties } from '../../lib/ledger/vkey-resource';

/** What answering takes from outside. */
export interface StackWorld {
  /** The public key of a KMS key, as DER (SubjectPublicKeyInfo). */
  publicKeyOf(keyId: string): Promise<Uint8Array>;
  put(url: string, answer: Uint8Array): Promise<void>;
  sleep(milliseconds: number): Promise<unknown>;
}

/** The key and its policy are new, and KMS may take a while until it knows both everywhere. */
const TRIES = 8;
const PAUSE_MS = 5_000;

/**
 * Answers CloudFormation with the vkey of a signing key, so that it can be an output of the stack.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref.html
 */
export function answerStack(world: StackWorld): (event: CloudFormationCustomResourceEvent) => Promise<void> {
  return async (event) => {
    const answer = await answerTo(event, world);
    await world.put(event.ResponseURL, Buffer.from(JSON.stringify(answer)));
  };
}

async function answerTo(
  event: CloudFormationCustomResourceEvent,
  world: StackWorld,
): Promise<CloudFormationCustomResourceResponse> {
  const { StackId, RequestId, LogicalResourceId } = event;
  // There is nothing behind the resource, so whatever key it tells of, it stays the same one.
  const PhysicalResourceId = event.RequestType === 'Create' ? LogicalResourceId : event.PhysicalResourceId;
  const about = { StackId, RequestId, LogicalResourceId, PhysicalResourceId };
  try {
    const data = event.RequestType === 'Delete' ? {} : { [VKEY_ATTRIBUTE]: await vkey(event, world) };
    return { Status: 'SUCCESS', ...about, Data: data };
  } catch (error) {
    return { Status: 'FAILED', Reason: `no vkey: ${String(error)}`, ...about };
  }
}

async function vkey({ ResourceProperties }: CloudFormationCustomResourceEvent, world: StackWorld): Promise<string> {
  const { keyId, origin } = ResourceProperties as unknown as VkeyProperties;
  const key = Buffer.from(await patiently(world, () => world.publicKeyOf(keyId)));
  return vkeyOf(origin, createPublicKey({ key, format: 'der', type: 'spki' }));
}

async function patiently<T>({ sleep }: StackWorld, work: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await work();
    } catch (error) {
      if (tries === TRIES) throw error;
      await sleep(PAUSE_MS);
    }
  }
}
