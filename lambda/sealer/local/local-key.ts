import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import path from 'node:path';
import { localSigner, type NoteSigner } from '../../../lib/ledger';
import { DurableFiles, readIfThere } from './durable';

/** The private key, as PEM. Whoever has it can sign anything: on one machine nothing is proven to an outsider. */
const PRIVATE_KEY = 'ledger.pem';
/** The public key in the form that verifiers pin. */
const VKEY = 'ledger.vkey';

/**
 * The signer of a local ledger. Its key is made at the first start, in a file that only its owner can read, with the vkey
 * beside it. The log's name is made of the key, so that two trails never have the same one.
 *
 * @throws Error if what lies there is no Ed25519 key
 */
export async function localKey(folder: string, files: DurableFiles): Promise<NoteSigner> {
  const file = path.join(folder, PRIVATE_KEY);
  if ((await readIfThere(file)) === undefined) {
    const { privateKey } = generateKeyPairSync('ed25519');
    // Another process may be faster: then it is its key that counts.
    await files.writeNew(file, Buffer.from(privateKey.export({ type: 'pkcs8', format: 'pem' })), 0o600);
  }
  const privateKey = createPrivateKey(await readIfThere(file).then((bytes) => bytes ?? ''));
  const signer = localSigner(`local-trail/${idOf(privateKey)}`, privateKey);
  await files.writeNew(path.join(folder, VKEY), Buffer.from(`${signer.verifier.vkey}\n`));
  return signer;
}

function idOf(privateKey: KeyObject): string {
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(publicKey).digest('hex').slice(0, 16);
}
