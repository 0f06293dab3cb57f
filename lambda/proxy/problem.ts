import type { HeaderPair } from '../../lib/event/privacy/headers';
import type { Answer } from './answer';

/** Every answer that the proxy itself gives, and every reason for which one breaks off, by stable code. */
const PROBLEMS = {
  ambiguous_request: { status: 400, title: 'The request cannot be forwarded without changing its meaning' },
  ambiguous_path: { status: 400, title: 'Services may read the path in different ways' },
  invalid_headers: { status: 400, title: 'The request has headers that HTTP does not allow' },
  unknown_event: { status: 400, title: 'The function was invoked with something other than a request of its API' },
  unauthenticated: { status: 401, title: 'The request does not say who asks' },
  unverified_invocation: { status: 403, title: 'The function was not invoked by its API' },
  forbidden: { status: 403, title: 'The request is not allowed' },
  no_route: { status: 404, title: 'No service is configured for this path' },
  body_too_large: { status: 413, title: 'The request body is too large' },
  // Nobody gets these two: they tell why the caller did not get the whole answer. 499 is what nginx logs.
  client_left: { status: 499, title: 'The caller left before the answer was whole' },
  client_too_slow: { status: 499, title: 'The caller took too long to read the answer' },
  headers_too_large: { status: 431, title: 'The request headers are too large' },
  internal_error: { status: 500, title: 'The proxy failed' },
  upstream_unreachable: { status: 502, title: 'The service could not be reached' },
  upstream_reset: { status: 502, title: 'The service broke off its answer' },
  upstream_invalid: { status: 502, title: 'The service gave an answer that HTTP does not allow here' },
  answer_too_large: { status: 502, title: 'The answer of the service is too large' },
  no_assertion: { status: 503, title: 'The proxy cannot vouch for the caller at the moment' },
  unrecorded: { status: 503, title: 'The request could not be recorded' },
  upstream_circuit_open: { status: 503, title: 'The service fails, and gets time to recover' },
  upstream_connect_timeout: { status: 504, title: 'The service took too long to be connected to' },
  upstream_first_byte_timeout: { status: 504, title: 'The service took too long to begin its answer' },
  upstream_timeout: { status: 504, title: 'The service took too long' },
} as const;

export type ProblemCode = keyof typeof PROBLEMS;

/** A problem that ends a request, with what the caller may know of it. */
export class Problem extends Error {
  override readonly name = 'Problem';

  /**
   * @param detail one sentence for the caller; never a host name, rule or stack trace
   * @param forwarded whether the service was called, and may have acted
   * @param retries how often the call was tried again
   * @param retryAfter when the caller may try again, in seconds
   */
  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    readonly forwarded = false,
    readonly retries = 0,
    readonly retryAfter?: number,
  ) {
    super(detail ?? PROBLEMS[code].title);
  }

  get status(): number {
    return PROBLEMS[this.code].status;
  }

  get title(): string {
    return PROBLEMS[this.code].title;
  }
}

/**
 * A problem as the caller gets it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9457
 */
export function problemAnswer(problem: Problem, requestUid: string): Answer {
  const body = Buffer.from(
    JSON.stringify({
      type: `urn:cdk-audit-proxy:problem:${problem.code}`,
      title: problem.title,
      status: problem.status,
      ...(problem.detail === undefined ? {} : { detail: problem.detail }),
      request_id: requestUid,
      ...(problem.forwarded ? { forwarded: true } : {}),
    }) + '\n',
  );
  const headers: HeaderPair[] = [
    ['content-type', 'application/problem+json'],
    ['cache-control', 'no-store'],
    ['x-request-id', requestUid],
    // RFC 9110 section 15.5.2 wants a challenge; what API Gateway takes instead of a token is its own affair.
    ...(problem.status === 401 ? [['www-authenticate', 'Bearer'] as const] : []),
    ...(problem.retryAfter === undefined ? [] : [['retry-after', String(problem.retryAfter)] as const]),
  ];
  return { statusCode: problem.status, headers, body };
}

/** A fault of our own must neither show its stack to the caller nor go unrecorded. */
export function asProblem(error: unknown, forwarded = false): Problem {
  if (error instanceof Problem) return error;
  console.error(error);
  return new Problem('internal_error', undefined, forwarded);
}
