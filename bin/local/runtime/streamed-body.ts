import type http from 'node:http';
import { Transform, type Readable } from 'node:stream';
import { FunctionError } from '../gateway/functions';

/**
 * Largest streamed response of a function, in bytes: 200 MB.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
export const MAX_STREAMED_BYTES = 200 * 1024 * 1024;

const TOO_LARGE = `Response payload size exceeded maximum allowed payload size (${MAX_STREAMED_BYTES} bytes).`;

/**
 * The bytes of a response that the runtime streams, as they come. They end well only where the function's response did:
 * otherwise the stream fails with FunctionError, for what the trailers tell, for a lost connection, or for too many bytes.
 * Whoever destroys it drops the response, and the function sees its connection closed.
 */
export function streamedBody(request: http.IncomingMessage): Readable {
  let length = 0;
  const body = new Transform({
    transform(part: Buffer, _encoding, done) {
      length += part.length;
      if (length > MAX_STREAMED_BYTES) done(new FunctionError('Function.ResponseSizeTooLarge', TOO_LARGE));
      else done(null, part);
    },
    flush(done) {
      done(failureIn(request.trailers));
    },
  });
  const lost = () => {
    if (!request.complete) body.destroy(new FunctionError('Runtime.Truncated', 'the function broke off its response'));
  };
  request.on('error', lost);
  request.on('close', lost);
  // Told by whoever reads it; a stream that is dropped has nobody left to tell.
  body.on('error', () => undefined);
  body.on('close', () => {
    if (!request.complete) request.destroy();
  });
  return request.pipe(body);
}

/** @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming */
function failureIn(trailers: NodeJS.Dict<string>): FunctionError | null {
  const type = trailers['lambda-runtime-function-error-type'];
  if (type === undefined) return null;
  const text = Buffer.from(trailers['lambda-runtime-function-error-body'] ?? '', 'base64').toString();
  return new FunctionError(type, messageIn(text));
}

function messageIn(text: string): string {
  try {
    const { errorMessage } = Object(JSON.parse(text)) as { errorMessage?: unknown };
    return typeof errorMessage === 'string' ? errorMessage : text;
  } catch {
    return text;
  }
}
