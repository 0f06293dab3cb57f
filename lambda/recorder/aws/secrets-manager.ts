import { secretsEndpoint } from './endpoints';
import { environmentCredentials } from './environment-credentials';
import { SignedRequests } from './signed-requests';

type Environment = Readonly<Record<string, string | undefined>>;

/** Longest time that one call may take: a caller or a rotation waits for it. */
const LIMIT_MS = 5_000;

/** What Secrets Manager answered instead of doing what it was asked. */
export class SecretsManagerError extends Error {
  override readonly name = 'SecretsManagerError';
  /** @param code of AWS, e.g. `ResourceNotFoundException`; undefined if no answer came */
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/**
 * Calls one action of Secrets Manager about one secret, in the region of its ARN.
 *
 * @throws SecretsManagerError that names the secret and the service's code, never any of the secret's text
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
 */
export async function callSecretsManager(
  action: string,
  input: { readonly SecretId: string } & Readonly<Record<string, unknown>>,
  environment: Environment,
): Promise<Readonly<Record<string, unknown>>> {
  const { SecretId: id } = input;
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(id)?.[1] ?? environment.AWS_REGION ?? '';
  const credentials = () => environmentCredentials(environment);
  const requests = new SignedRequests({ service: 'secretsmanager', region, credentials });
  const request = {
    method: 'POST',
    url: `${secretsEndpoint(region, environment)}/`,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `secretsmanager.${action}` },
    body: Buffer.from(JSON.stringify(input)),
  };
  const failed = (why: string, code?: string) => new SecretsManagerError(`${action} of secret ${id}: ${why}`, code);
  const { status, body } = await requests.send(request, AbortSignal.timeout(LIMIT_MS)).catch((error: unknown) => {
    throw failed(error instanceof Error ? error.message : String(error));
  });
  const answer = parsed(body);
  if (status === 200) return answer;
  // `__type` may have a namespace before the code.
  const code = typeof answer['__type'] === 'string' ? answer['__type'].split('#').at(-1) : undefined;
  throw failed(`status ${status} ${code ?? ''}`.trim(), code);
}

function parsed(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(body.toString()) as Record<string, unknown>;
  } catch {
    return {};
  }
}
