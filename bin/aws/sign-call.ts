import { S3Client } from '@aws-sdk/client-s3';
import { SignatureV4 } from '@smithy/signature-v4';
import type { ClientOptions } from './client-options';

/**
 * The headers of a GET to API Gateway, signed with the credentials that AWS's own tools would take.
 *
 * @throws Error where there are no credentials
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/permissions.html
 */
export async function signCall(
  url: URL,
  headers: Readonly<Record<string, string>>,
  options: ClientOptions,
): Promise<Record<string, string>> {
  // AWS's chain of credentials comes with any of its clients.
  const { config } = new S3Client(options);
  const signer = new SignatureV4({
    service: 'execute-api',
    region: await config.region(),
    credentials: config.credentials,
    sha256: config.sha256,
  });
  const { headers: signed } = await signer.sign({
    method: 'GET',
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { ...headers, host: url.host },
  });
  return signed;
}
