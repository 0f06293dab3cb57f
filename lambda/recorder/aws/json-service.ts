import { environmentCredentials } from './environment-credentials';
import { SignedRequests, type SignedRequestsOptions } from './signed-requests';

/** Which service is asked, and where. */
export interface JsonService {
  /** Name of the service in signatures. */
  readonly service: SignedRequestsOptions['service'];
  /** Before the dot of `X-Amz-Target`. */
  readonly target: string;
  readonly region: string;
  /** Base URL without a slash at the end. */
  readonly endpoint: string;
}

/** Longest time that one call may take: a caller waits for it. */
const LIMIT_MS = 5_000;

/** What a service answered instead of doing what it was asked. */
export class JsonServiceError extends Error {
  override readonly name = 'JsonServiceError';
  /** @param code of AWS, e.g. `ResourceNotFoundException`; undefined if no answer came */
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/**
 * Calls one action of a service that speaks AWS JSON 1.1, by the signer that is loaded anyway.
 *
 * @param about for messages: what the call is about; nothing of input or answer goes into them
 * @throws JsonServiceError
 * @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
 */
export async function callJson(
  { service, target, region, endpoint }: JsonService,
  action: string,
  input: Readonly<Record<string, unknown>>,
  about: string,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<Readonly<Record<string, unknown>>> {
  const requests = new SignedRequests({ service, region, credentials: () => environmentCredentials(environment) });
  const request = {
    method: 'POST',
    url: `${endpoint}/`,
    headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': `${target}.${action}` },
    body: Buffer.from(JSON.stringify(input)),
  };
  const failed = (why: string, code?: string) => new JsonServiceError(`${action} of ${about}: ${why}`, code);
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
