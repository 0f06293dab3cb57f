import { GetPublicKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { setTimeout as sleep } from 'node:timers/promises';
import { answerStack } from './handler';
import { putAnswer } from '../custom-resource/put-answer';

const kms = new KMSClient({});

/** What CloudFormation calls for the resource that turns the signing key into a vkey. */
export const handler = answerStack({
  publicKeyOf: async (keyId) => {
    const { PublicKey: der } = await kms.send(new GetPublicKeyCommand({ KeyId: keyId }));
    if (der === undefined) throw new Error(`KMS gave no public key for ${keyId}`);
    return der;
  },
  put: putAnswer,
  sleep,
});
