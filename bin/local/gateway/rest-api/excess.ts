import type { Refusal, RequestHead } from '../api';
import { headerValue } from '../client-request';
import { MAX_HEADER_BYTES, MAX_METHOD_ARN_BYTES, MAX_URL_LENGTH } from '../limits';
import { ACCOUNT_ID, API_ID, REGION, STAGE } from '../surroundings';

/**
 * Limits of a REST API on the head of a request. Documented: the limits, and 414 for the ARN; assumed: 414 for the URL too, and
 * which answer comes first where several limits are exceeded.
 */
export function restExcess(head: RequestHead): Refusal | undefined {
  if (urlOf(head).length > MAX_URL_LENGTH) return 'uri_too_long';
  if (head.authorizes && Buffer.byteLength(methodArnOf(head)) > MAX_METHOD_ARN_BYTES) return 'uri_too_long';
  // Documented as "total combined size of all header values": names and request line do not count.
  const headerBytes = head.headers.reduce((total, [, value]) => total + value.length, 0);
  return headerBytes > MAX_HEADER_BYTES ? 'headers_too_large' : undefined;
}

/** The URL as the client wrote it. */
function urlOf({ target, headers }: RequestHead): string {
  return target.startsWith('/') ? `http://${headerValue(headers, 'host') ?? ''}${target}` : target;
}

function methodArnOf({ method, path }: RequestHead): string {
  return `arn:aws:execute-api:${REGION}:${ACCOUNT_ID}:${API_ID}/${STAGE}/${method}${path}`;
}
