import type { IncomingHttpHeaders } from 'node:http';
import { accessDenied, S3Error } from './s3-error';

/**
 * Checks that a request is signed for S3, and that the signature covers what S3 wants covered: `host` and every
 * `x-amz-` header.
 *
 * The signature itself is not verified: the stand-in listens on the loopback interface only and knows no secret.
 *
 * @throws S3Error
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html
 */
export function checkSignature(headers: IncomingHttpHeaders): void {
  const { authorization } = headers;
  if (authorization === undefined) throw accessDenied();
  const [, service, signedHeaders] =
    /^AWS4-HMAC-SHA256 +Credential=[^/,]+\/\d{8}\/[^/,]+\/([^/,]+)\/aws4_request, *SignedHeaders=([^,]+), *Signature=[0-9a-f]{64}$/.exec(
      authorization,
    ) ?? [];
  if (service === undefined || signedHeaders === undefined) {
    throw malformed('the authorization header is not a complete signature.');
  }
  if (service !== 's3') throw malformed(`incorrect service "${service}". This endpoint belongs to "s3".`);
  if (headers['x-amz-date'] === undefined) throw accessDenied('AWS authentication requires a valid x-amz-date header');
  const signed = new Set(signedHeaders.split(';'));
  const toBeSigned = Object.keys(headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (!toBeSigned.every((name) => signed.has(name))) {
    throw accessDenied('There were headers present in the request which were not signed');
  }
}

function malformed(detail: string): S3Error {
  return new S3Error(400, 'AuthorizationHeaderMalformed', `The authorization header is malformed; ${detail}`);
}
