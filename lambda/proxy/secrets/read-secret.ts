import { readFile } from 'node:fs/promises';
import { callSecretsManager } from '../../recorder/aws/secrets-manager';

/**
 * The text of a secret, by Secrets Manager's GetSecretValue.
 *
 * @param id ARN of the secret; or `file:` and the absolute path of a file, for the pipeline on one machine
 * @throws Error that names the secret and what the service says of it, never any of its text
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export async function readSecret(
  id: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<string> {
  if (id.startsWith('file:')) return readSecretFile(id.slice('file:'.length));
  const { SecretString: text } = await callSecretsManager('GetSecretValue', { SecretId: id }, environment);
  if (typeof text !== 'string') throw new Error(`the secret ${id} has no text`);
  return text;
}

async function readSecretFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the secret in ${file}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}
