import type http from 'node:http';
import { once } from 'node:events';
import { MalformedAnswer, type AnswerHead } from './api';
import { headerValue, type Header } from './client-request';
import type { EdgeAnswer } from './edge-entry';

/** An answer on its way to the client, whose head went out when this was made. */
export class StreamedAnswer implements EdgeAnswer {
  readonly status: number;
  /** How much of the body has been passed on, in bytes; a client that leaves may have got less. */
  bodyLength = 0;
  private readonly hasBody: boolean;
  /** What the function said; undefined where it did not. */
  private readonly declaredLength: number | undefined;

  constructor(
    private readonly response: http.ServerResponse,
    { status, headers }: AnswerHead,
    more: readonly Header[],
  ) {
    this.status = status;
    this.hasBody = status !== 204 && status !== 304 && response.req.method !== 'HEAD';
    const length = headerValue(headers, 'content-length');
    this.declaredLength = length === undefined ? undefined : Number(length);
    response.writeHead(status, [...headers, ...more].flat());
    // A client may do something with it, and the first byte be minutes away.
    response.flushHeaders();
  }

  /**
   * Passes the body on, no faster than the client takes it.
   *
   * @param dropped aborted when the client takes no more.
   * @throws MalformedAnswer if it is not as long as the function said; else whatever the parts fail with.
   */
  async passOn(parts: AsyncIterable<Buffer>, dropped: AbortSignal): Promise<void> {
    for await (const part of parts) {
      if (!this.hasBody) continue;
      this.checkLength((length) => this.bodyLength + part.length <= length);
      this.bodyLength += part.length;
      if (!this.response.write(part)) await once(this.response, 'drain', { signal: dropped });
    }
    if (this.hasBody) this.checkLength((length) => this.bodyLength === length);
    const finished = once(this.response, 'finish', { signal: dropped });
    this.response.end();
    await finished;
  }

  /** Closes the connection, so that what is out does not look whole. */
  breakOff(): void {
    const { req, socket } = this.response;
    // Where the end of the connection is the end of the answer, only a reset tells that it is none.
    const endsWithConnection = req.httpVersion === '1.0' && this.declaredLength === undefined;
    if (endsWithConnection) socket?.resetAndDestroy();
    else this.response.destroy();
  }

  private checkLength(isRight: (declared: number) => boolean): void {
    if (this.declaredLength === undefined || isRight(this.declaredLength)) return;
    throw new MalformedAnswer('the body is not as long as Content-Length says');
  }
}
