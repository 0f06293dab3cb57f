import { GetPublicKeyCommand, SignCommand, type KMSClient } from '@aws-sdk/client-kms';
import { createPublicKey } from 'node:crypto';
import { noteVerifier, vkeyOf, type NoteSigner } from '../../../lib/ledger';

/**
 * A signer whose key never leaves KMS: `ECC_NIST_EDWARDS25519`.
 *
 * @param origin the key's name, that is: the log's
 * @throws LedgerError KEY_MALFORMED if it is a key of another kind
 * @see https://docs.aws.amazon.com/kms/latest/APIReference/API_Sign.html
 */
export async function kmsSigner(client: Pick<KMSClient, 'send'>, keyId: string, origin: string): Promise<NoteSigner> {
  const { PublicKey: der } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  if (der === undefined) throw new Error(`KMS gave no public key for ${keyId}`);
  const key = createPublicKey({ key: Buffer.from(der), format: 'der', type: 'spki' });
  return {
    verifier: noteVerifier(vkeyOf(origin, key)),
    sign: async (message) => {
      const { Signature } = await client.send(
        new SignCommand({
          KeyId: keyId,
          Message: message,
          // Ed25519 itself, not over a digest of the message: what signed notes ask for.
          MessageType: 'RAW',
          SigningAlgorithm: 'ED25519_SHA_512',
        }),
      );
      if (Signature === undefined) throw new Error(`KMS gave no signature of ${keyId}`);
      return Signature;
    },
  };
}
