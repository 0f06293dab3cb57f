/**
 * Largest request body of REST and HTTP APIs, in bytes.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-execution-service-limits-table.html
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
 */
export const MAX_BODY_BYTES = 10 * 1024 * 1024;

/** Largest total of header values (REST), or of request line and header values (HTTP API), in bytes. Same pages. */
export const MAX_HEADER_BYTES = 10_240;

/**
 * Largest event and largest answer of a function, in bytes of JSON: documented as 6 MB, enforced as 6 MiB and 100 bytes
 * ("Response payload size exceeded maximum allowed payload size (6291556 bytes)").
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_FUNCTION_PAYLOAD_BYTES = 6 * 1024 * 1024 + 100;

/** Longest URL that a regional REST API takes, in characters. Same page. */
export const MAX_URL_LENGTH = 10_240;

/**
 * Longest ARN of a method that asks for authorization, in bytes; the request's path is a part of it. REST APIs only.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html
 */
export const MAX_METHOD_ARN_BYTES = 1_600;

/** How long a REST API waits for the function, in milliseconds. */
export const REST_API_TIMEOUT_MS = 29_000;

/**
 * How long a REST API waits for the end of a streamed answer, in milliseconds.
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
export const STREAMING_TIMEOUT_MS = 15 * 60_000;

/** How much of a streamed answer status and headers may take, in bytes; the delimiter counts. Same pages. */
export const MAX_PRELUDE_BYTES = 16 * 1024;

/** How long an HTTP API waits for the function, in milliseconds. */
export const HTTP_API_TIMEOUT_MS = 30_000;
