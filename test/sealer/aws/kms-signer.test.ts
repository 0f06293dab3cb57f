import { KMSClient, type GetPublicKeyCommand, type SignCommand } from '@aws-sdk/client-kms';
import { createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { expect, it } from 'vitest';
import { kmsSigner } from '../../../lambda/sealer/aws/kms-signer';
import { openCheckpoint, signCheckpoint } from '../../../lib/ledger';

/** A key in KMS: what is asked of it, and answers as KMS gives them. */
function kms(privateKey: KeyObject): { readonly client: Pick<KMSClient, 'send'>; readonly asked: unknown[] } {
  const asked: unknown[] = [];
  const send = async (command: GetPublicKeyCommand | SignCommand) => {
    asked.push(command.input);
    if (!('Message' in command.input)) {
      return { PublicKey: createPublicKey(privateKey).export({ type: 'spki', format: 'der' }) };
    }
    return { Signature: new Uint8Array(sign(null, command.input.Message!, privateKey)) };
  };
  return { client: { send: send as KMSClient['send'] }, asked };
}

it('signs checkpoints with a key in KMS', async () => {
  const { client, asked } = kms(generateKeyPairSync('ed25519').privateKey);
  const signer = await kmsSigner(client, 'key-1', 'audit.example.com/orders');
  const checkpoint = { origin: 'audit.example.com/orders', size: 3, root: Buffer.alloc(32, 7) };
  const note = await signCheckpoint(checkpoint, [signer]);

  expect(openCheckpoint(note, [signer.verifier])).toEqual(checkpoint);
  expect(asked).toEqual([
    { KeyId: 'key-1' },
    { KeyId: 'key-1', Message: expect.any(Uint8Array), MessageType: 'RAW', SigningAlgorithm: 'ED25519_SHA_512' },
  ]);
});

it('refuses a key of another kind', async () => {
  const { client } = kms(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey);
  await expect(kmsSigner(client, 'key-1', 'o')).rejects.toMatchObject({ code: 'KEY_MALFORMED' });
});
