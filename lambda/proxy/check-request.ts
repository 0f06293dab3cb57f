import type { IncomingRequest } from './incoming/incoming-request';
import { Problem } from './problem';

/**
 * Names and values of all headers, in bytes. API Gateway lets 10,240 bytes in and adds some of its own; what comes near
 * it is more than most services take.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
export const MAX_HEADER_BYTES = 10_000;

/** Lower-case letters would be sent as upper-case ones, and CONNECT is no request for a resource. */
const METHOD = /^(?!CONNECT$)[!#$%&'*+.^_`|~0-9A-Z-]+$/;
/** RFC 9110 section 5.6.2. */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
/** RFC 9110 section 5.5: visible characters, space, tab; anything else could end the header. */
const FIELD_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/** Headers that API Gateway adds; they do not count against the caller. */
const ADDED_BY_GATEWAY = /^(?:x-forwarded-(?:for|proto|port)|x-amzn-trace-id|via|cloudfront-.*)$/i;

/** @throws Problem if the request must not be forwarded, whatever its route. */
export function checkRequest(request: IncomingRequest, maxBodyBytes: number): void {
  if (request.pathAmbiguity !== undefined) throw new Problem('ambiguous_path', request.pathAmbiguity);
  if (request.queryAmbiguity !== undefined) throw new Problem('ambiguous_request', request.queryAmbiguity);
  if (!METHOD.test(request.method)) throw new Problem('ambiguous_request', 'the method cannot be forwarded');
  let headerBytes = 0;
  for (const [name, value] of request.headers) {
    if (!TOKEN.test(name) || !FIELD_VALUE.test(value)) throw new Problem('invalid_headers');
    if (!ADDED_BY_GATEWAY.test(name)) headerBytes += name.length + value.length;
  }
  if (headerBytes > MAX_HEADER_BYTES) {
    throw new Problem(
      'headers_too_large',
      `at most ${MAX_HEADER_BYTES} bytes of headers are taken, got ${headerBytes}`,
    );
  }
  if (request.body.length > maxBodyBytes) {
    throw new Problem('body_too_large', `at most ${maxBodyBytes} bytes are taken, got ${request.body.length}`);
  }
}
