/** AWS answered with an error, or not at all. The message names resource and error, and what to do where that is known. */
export class ServiceError extends Error {
  override readonly name = 'ServiceError';

  /** For `instanceof` there are two classes: the clients lie in a bundle of their own. */
  static is(error: unknown): error is ServiceError {
    return error instanceof Error && error.name === 'ServiceError';
  }

  constructor(
    message: string,
    /** AWS's name of the error, e.g. `AccessDenied`. */
    readonly code: string,
    /** Whether the same may work in a while. */
    readonly passing: boolean,
  ) {
    super(message);
  }
}

/** What the SDK says of an error, as far as it is looked at. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number };
}

const PASSING =
  /Throttl|SlowDown|ServiceUnavailable|LimitExceeded|RequestTimeout|TimeoutError|InternalFailure|InternalError|ConditionalRequestConflict/;
const CONNECTION = /^(ECONN|EPIPE|ETIMEDOUT|EAI_AGAIN)/;
const EXPIRED = /^(Expired|RequestExpired|TokenRefreshRequired)/;
const DENIED = /^(AccessDenied|UnauthorizedOperation|Forbidden)/;

/**
 * For `.catch` behind a call of the SDK (which has tried it three times by then): says what it was about.
 *
 * @param resource what was asked, e.g. `log group /aws/lambda/proxy`
 * @param action what the caller must be allowed, e.g. `s3:GetObjectVersion`; named where access is denied
 */
export function serviceError(resource: string, action?: string): (error: unknown) => never {
  return (error) => {
    if (ServiceError.is(error)) throw error;
    const { name = 'Error', message = '', code = '', $metadata } = error as SdkError;
    const status = $metadata?.httpStatusCode ?? 0;
    const passing = status >= 500 || status === 429 || PASSING.test(name) || CONNECTION.test(code);
    const detail = message === '' || message === name ? name : `${name}: ${message}`;
    const advice = adviceOn(name, status, action);
    throw new ServiceError(`${resource}: ${detail}${advice === undefined ? '' : ` (${advice})`}`, name, passing);
  };
}

function adviceOn(name: string, status: number, action: string | undefined): string | undefined {
  if (EXPIRED.test(name)) return 'the credentials have expired: sign in again';
  if (name === 'CredentialsProviderError') return 'no credentials were found: sign in, or set AWS_PROFILE';
  if (action !== undefined && (DENIED.test(name) || status === 403)) return `this needs ${action}`;
  return undefined;
}
