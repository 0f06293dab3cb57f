import { secretsEndpoint } from './endpoints';
import { callJson } from './json-service';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Calls one action of Secrets Manager about one secret, in the region of its ARN.
 *
 * @throws JsonServiceError that names the secret and the service's code, never any of the secret's text
 * @see https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_Operations.html
 */
export function callSecretsManager(
  action: string,
  input: { readonly SecretId: string } & Readonly<Record<string, unknown>>,
  environment: Environment,
): Promise<Readonly<Record<string, unknown>>> {
  const region = /^arn:[^:]+:secretsmanager:([^:]+):/.exec(input.SecretId)?.[1] ?? environment.AWS_REGION ?? '';
  const endpoint = secretsEndpoint(region, environment);
  const service = { service: 'secretsmanager', target: 'secretsmanager', region, endpoint } as const;
  return callJson(service, action, input, `secret ${input.SecretId}`, environment);
}
