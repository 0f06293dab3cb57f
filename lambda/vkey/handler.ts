import type { CloudFormationCustomResourceEvent } from 'aws-lambda';
import { createPublicKey } from 'node:crypto';
import { vkeyOf } from '../../lib/ledger/checkpoint/key';
import { VKEY_ATTRIBUTE, type VkeyProperties } from '../../lib/ledger/vkey-resource';
import { answering, patiently, type StackWorld } from '../custom-resource/answer-stack';

/** What answering takes from outside. */
export interface VkeyWorld extends StackWorld {
  /** The public key of a KMS key, as DER (SubjectPublicKeyInfo). */
  publicKeyOf(keyId: string): Promise<Uint8Array>;
}

/** Answers CloudFormation with the vkey of a signing key, so that it can be an output of the stack. */
export function answerStack(world: VkeyWorld): (event: CloudFormationCustomResourceEvent) => Promise<void> {
  return answering(world, 'vkey', async ({ ResourceProperties }) => {
    const { keyId, origin } = ResourceProperties as unknown as VkeyProperties;
    const key = Buffer.from(await patiently(world, () => world.publicKeyOf(keyId)));
    return { [VKEY_ATTRIBUTE]: vkeyOf(origin, createPublicKey({ key, format: 'der', type: 'spki' })) };
  });
}
