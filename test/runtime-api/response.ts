import { once } from 'node:events';
import type http from 'node:http';

/** What the function answers to one invocation, as its bytes come: the platform's end of it, and so the caller's. */
export class Response {
  readonly chunks: Buffer[] = [];
  /** Resolves when it is over, whether it came to its end or was cut off. */
  readonly over: Promise<void>;

  constructor(private readonly request: http.IncomingMessage) {
    request.on('data', (chunk: Buffer) => this.chunks.push(chunk));
    request.on('error', () => undefined);
    this.over = once(request, 'close').then(() => undefined);
  }

  get headers(): http.IncomingHttpHeaders {
    return this.request.headers;
  }

  /** Whether it came to its end. */
  get isWhole(): boolean {
    return this.request.complete;
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Of a streamed response, what stands in front of its body; undefined until it is there. */
  get prelude(): unknown {
    const end = this.bytes.indexOf(DELIMITER);
    return end === -1 ? undefined : JSON.parse(this.bytes.subarray(0, end).toString());
  }

  get body(): Buffer {
    return this.bytes.subarray(this.bytes.indexOf(DELIMITER) + DELIMITER.length);
  }

  /** How a streamed response failed, by its trailers; undefined if it did not. */
  get failure(): { readonly type: string; readonly message: string } | undefined {
    const { 'lambda-runtime-function-error-type': type, 'lambda-runtime-function-error-body': body } =
      this.request.trailers;
    if (type === undefined) return undefined;
    const { errorMessage } = JSON.parse(Buffer.from(body ?? '', 'base64').toString()) as { errorMessage: string };
    return { type, message: errorMessage };
  }

  /** Reads no more. */
  hold(): void {
    this.request.pause();
  }

  release(): void {
    this.request.resume();
  }

  /** Nobody takes it any more. */
  drop(): void {
    this.request.destroy();
  }
}

const DELIMITER = Buffer.alloc(8);
