import { headersByList, headersJoined } from '../answer';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import type { AnswerFormat } from '../incoming/incoming-request';

/** Status and headers, which go before a streamed body. */
export interface Prelude {
  readonly statusCode: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly multiValueHeaders?: Readonly<Record<string, readonly string[]>>;
  readonly cookies?: readonly string[];
}

/**
 * Most bytes of JSON that the service's headers may take: API Gateway looks for the end of the prelude in the first 16 KB. Some
 * room is left for what the proxy adds.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html
 */
export const MAX_PRELUDE_BYTES = 15 * 1024;

/** For REST APIs by lists, so that repeated headers stay apart; in the form of HTTP APIs joined, and cookies apart. */
export function preludeOf(statusCode: number, headers: readonly HeaderPair[], format: AnswerFormat): Prelude {
  return format === 'http'
    ? { statusCode, ...headersJoined(headers) }
    : { statusCode, multiValueHeaders: headersByList(headers) };
}
