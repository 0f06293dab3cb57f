import { readFile } from 'node:fs/promises';
import { secretsEndpoint } from '../../recorder/aws/endpoints';
import { environmentCredentials } from '../../recorder/aws/environment-credentials';
import { SignedRequests } from '../../recorder/aws/signed-requests';

type Environment = Readonly<Record<string, string | undefined>>;

/** Longest time that a secret may take: the function cannot serve without it, and its caller waits. */
const LIMIT_MS = 5_000;

/**
 * The text of a secret, by Secrets Manager's GetSecretValue.
 *
 * @param id ARN of the secret; or `file:` and the absolute path of a file, for the pipeline on one machine
 * @throws Error that names the secret and what the service says of it, never any of its text
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
 */
export async function readSecret(id: string, environment: Environment = process.env): Promise<string> {
  return id.startsWith('file:') ? readSecretFile(id.slice('file:'.length)) : getSecretValue(id, environment);
}

async function readSecretFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new Error(`cannot read the secret in ${file}: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`);
  }
}

async function getSecretValue(id: string, environment: Environment): Promise<string> {
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(id)?.[1] ?? environment.AWS_REGION ?? '';
  const requests = new SignedRequests({
    service: 'secretsmanager',
    region,
    credentials: () => environmentCredentials(environment),
  });
  const request = {
    method: 'POST',
    url: `${secretsEndpoint(region, environment)}/`,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'secretsmanager.GetSecretValue' },
    body: Buffer.from(JSON.stringify({ SecretId: id })),
  };
  const { status, body } = await requests.send(request, AbortSignal.timeout(LIMIT_MS)).catch((error: unknown) => {
    throw new Error(`cannot read the secret ${id}: ${error instanceof Error ? error.message : String(error)}`);
  });
  const answer = parsed(body);
  if (status === 200 && typeof answer.SecretString === 'string') return answer.SecretString;
  const why = status === 200 ? 'it has no text' : `status ${status} ${answer.__type ?? ''}`.trim();
  throw new Error(`cannot read the secret ${id}: ${why}`);
}

function parsed(body: Buffer): { readonly SecretString?: unknown; readonly __type?: unknown } {
  try {
    return JSON.parse(body.toString()) as object;
  } catch {
    return {};
  }
}
