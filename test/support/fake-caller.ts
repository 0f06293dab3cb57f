import { Writable } from 'node:stream';
import type { AwsLambda, ResponseStream } from '../../lambda/proxy/streaming/aws-lambda';
import type { Prelude } from '../../lambda/proxy/streaming/prelude';

/**
 * The response stream of an invocation, with a caller behind it who may stop reading, go on, and leave. Like AWS's, it sends
 * the prelude by the first `write`.
 */
export class FakeCaller extends Writable {
  contentType: string | undefined;
  beforeFirstWrite: (() => void) | undefined;
  /** What the caller has read. */
  readonly chunks: Buffer[] = [];
  private isHeld = false;
  private goOn: (() => void) | undefined;

  constructor() {
    super({ highWaterMark: 64 * 1024, decodeStrings: true });
    this.on('error', () => undefined);
  }

  override write(chunk: unknown, ...rest: unknown[]): boolean {
    const { beforeFirstWrite } = this;
    this.beforeFirstWrite = undefined;
    beforeFirstWrite?.();
    return super.write(chunk, ...(rest as []));
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    if (chunk.length > 0) this.chunks.push(chunk);
    if (this.isHeld) this.goOn = done;
    else done();
  }

  /** Reads no more. */
  hold(): void {
    this.isHeld = true;
  }

  /** Reads again. */
  release(): void {
    this.isHeld = false;
    const { goOn } = this;
    this.goOn = undefined;
    goOn?.();
  }

  leave(): void {
    this.destroy(new Error('the caller has left'));
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  /** Status and headers; undefined until they are there. */
  get prelude(): Prelude | undefined {
    const end = this.bytes.indexOf(DELIMITER);
    return end === -1 ? undefined : (JSON.parse(this.bytes.subarray(0, end).toString()) as Prelude);
  }

  get body(): Buffer {
    return this.bytes.subarray(this.bytes.indexOf(DELIMITER) + DELIMITER.length);
  }
}

const DELIMITER = Buffer.alloc(8);

/** What AWS's runtime client has as its global `awslambda`. */
export const FAKE_AWS_LAMBDA: AwsLambda = {
  streamifyResponse: (handler) => handler,
  HttpResponseStream: {
    from(stream: ResponseStream, prelude: Prelude): ResponseStream {
      if (!(stream instanceof FakeCaller)) throw new TypeError('the stream is none of an invocation');
      stream.contentType = 'application/vnd.awslambda.http-integration-response';
      stream.beforeFirstWrite = () => {
        stream.write(JSON.stringify(prelude));
        stream.write(DELIMITER);
      };
      return stream;
    },
  },
};
