import { ServiceError } from './services';

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

/**
 * For `.catch` behind a call of the SDK (which has tried it three times by then): says what it was about.
 *
 * @param resource what was asked, e.g. `log group /aws/lambda/proxy`
 */
export function serviceError(resource: string): (error: unknown) => never {
  return (error) => {
    const { name = 'Error', message = '', code = '', $metadata } = error as SdkError;
    const status = $metadata?.httpStatusCode ?? 0;
    const passing = status >= 500 || status === 429 || PASSING.test(name) || CONNECTION.test(code);
    const detail = message === '' || message === name ? name : `${name}: ${message}`;
    throw new ServiceError(`${resource}: ${detail}`, name, passing);
  };
}
