import http from 'node:http';

/** Where the response of an invocation goes. */
export interface ResponseTarget {
  readonly host: string;
  readonly port: string;
  readonly path: string;
  readonly agent: http.Agent;
}

/** How a handler's failure is told once the head of the response may be out. */
const ERROR_TYPE = 'Lambda-Runtime-Function-Error-Type';
const ERROR_BODY = 'Lambda-Runtime-Function-Error-Body';

const PRELUDE_TYPE = 'application/vnd.awslambda.http-integration-response';
const DELIMITER = Buffer.alloc(8);

/** What AWS's runtime client lets a handler see of the request under it, and nothing else. */
const METHODS = [
  ...(['cork', 'destroy', 'end', 'uncork', 'addListener', 'on', 'once', 'prependListener'] as const),
  ...(['prependOnceListener', 'off', 'removeListener', 'removeAllListeners', 'setMaxListeners'] as const),
  ...(['getMaxListeners', 'listeners', 'rawListeners', 'listenerCount', 'eventNames', 'emit'] as const),
];
const PROPERTIES = [
  ...(['destroyed', 'writable', 'writableCorked', 'writableEnded', 'writableFinished'] as const),
  ...(['writableHighWaterMark', 'writableLength', 'writableNeedDrain', 'writableObjectMode'] as const),
];

/** The stream that a handler writes its response to. */
interface HandlerStream {
  setContentType(type: string): void;
  write(chunk: unknown, encoding?: BufferEncoding, callback?: () => void): boolean;
  _onBeforeFirstWrite?: (write: (chunk: string | Uint8Array) => void) => void;
}

/**
 * A response that goes out while the handler writes it: one POST, in chunks. If its connection is lost, the handler's stream
 * emits `error` and `close`.
 *
 * Like AWS's, the stream sends its prelude with the first `write`: a handler that only calls `end` sends none.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html#runtimes-custom-response-streaming
 * @see https://github.com/aws/aws-lambda-nodejs-runtime-interface-client src/stream/response-stream.ts
 */
export class StreamedResponse {
  readonly stream: HandlerStream;
  /** Resolves once the response has been taken, rejects if its connection is lost. */
  readonly taken: Promise<void>;
  private readonly request: http.ClientRequest;

  constructor(target: ResponseTarget) {
    const request = http.request({
      ...target,
      method: 'POST',
      headers: {
        'Lambda-Runtime-Function-Response-Mode': 'streaming',
        Trailer: [ERROR_TYPE, ERROR_BODY],
        'Content-Type': 'application/octet-stream',
        'Transfer-Encoding': 'chunked',
      },
    });
    this.request = request;
    this.taken = new Promise((resolve, reject) => {
      request.on('error', reject);
      request.on('response', (response) => response.on('end', resolve).on('error', reject).resume());
    });
    // A handler may be at other things when the connection is lost, and look at it later or never.
    this.taken.catch(() => undefined);
    this.stream = handlerStream(request);
  }

  get isFinished(): boolean {
    return this.request.writableFinished;
  }

  get isLost(): boolean {
    return this.request.destroyed;
  }

  /** Ends the response with trailers that tell of the failure, or without any response at all if that is not possible. */
  async fail(errorType: string, description: string): Promise<void> {
    if (this.isLost) return;
    try {
      this.request.addTrailers({ [ERROR_TYPE]: errorType, [ERROR_BODY]: Buffer.from(description).toString('base64') });
      this.request.end();
      await this.taken;
    } catch {
      this.drop();
    }
  }

  /** Nobody takes this response any more. */
  drop(): void {
    this.request.destroy(new Error('the response was dropped'));
  }
}

function handlerStream(request: http.ClientRequest): HandlerStream {
  let hasBegun = false;
  const stream: HandlerStream = {
    setContentType(type) {
      if (hasBegun) throw new Error('Cannot set content-type, too late.');
      request.setHeader('Content-Type', type);
    },
    write(chunk, encoding, callback) {
      if (!hasBegun) {
        hasBegun = true;
        stream._onBeforeFirstWrite?.((one) => request.write(one));
      }
      const isWritable = typeof chunk === 'string' || chunk instanceof Uint8Array;
      return request.write(isWritable ? chunk : JSON.stringify(chunk), encoding ?? 'utf8', callback);
    },
  };
  for (const name of METHODS) {
    Object.defineProperty(stream, name, { value: (request[name] as () => unknown).bind(request), enumerable: true });
  }
  for (const name of PROPERTIES) Object.defineProperty(stream, name, { get: () => request[name], enumerable: true });
  return stream;
}

/** By this, AWS's runtime client tells handlers that stream from those that return their answer. */
const STREAMING = Symbol.for('aws.lambda.runtime.handler.streaming');

export function isStreaming(handler: object): boolean {
  return (handler as { [STREAMING]?: unknown })[STREAMING] === 'response';
}

/** The global `awslambda` of Lambda's runtime for Node.js; to be there before the function is loaded. */
export const awslambda = {
  streamifyResponse<Handler extends object>(handler: Handler): Handler {
    return Object.assign(handler, { [STREAMING]: 'response' });
  },

  HttpResponseStream: {
    /** Has status and headers written in front of the first byte, as API Gateway and function URLs want it. */
    from(stream: HandlerStream, prelude: object): HandlerStream {
      stream.setContentType(PRELUDE_TYPE);
      const text = JSON.stringify(prelude);
      stream._onBeforeFirstWrite = (write) => {
        write(text);
        write(DELIMITER);
      };
      return stream;
    },
  },
};
