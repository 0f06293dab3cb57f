import { randomUUID } from 'node:crypto';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { readBody } from './body';
import type { Delivery } from './delivery';
import { putObject, type ObjectPutParts } from './object-put';
import { STREAM_VERSION } from './objects';
import {
  ApiError,
  checkHeaders,
  MAX_BODY_BYTES,
  parseRequest,
  slowDown,
  streamNotFound,
  type Request,
} from './protocol';
import { S3Error, slowDown as s3SlowDown } from './s3-error';

export interface ServerParts {
  readonly delivery: Pick<Delivery, 'put'>;
  readonly streams: ReadonlySet<string>;
  readonly objects: ObjectPutParts;
  /** Epoch milliseconds. */
  readonly now: () => number;
  readonly warn: (line: string) => void;
}

interface Reply {
  readonly status: number;
  readonly headers: http.OutgoingHttpHeaders;
  readonly text: string;
}

/** Longer than clients keep idle connections, so that no request meets a connection that is just being closed. */
const KEEP_ALIVE_MS = 120_000;

/** The HTTP side, on the loopback interface only: Firehose at `/`, and at every other path S3. */
export class DeliveryServer {
  private readonly server: http.Server;
  private stopping = false;
  private lastRefusal = -Infinity;

  constructor(private readonly parts: ServerParts) {
    this.server = http.createServer((request, response) => void this.handle(request, response));
    this.server.keepAliveTimeout = KEEP_ALIVE_MS;
  }

  /**
   * @param port 0 for any free one.
   * @returns the port.
   */
  async listen(port: number): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, '127.0.0.1', () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    return (this.server.address() as AddressInfo).port;
  }

  /** Takes no more requests. Resolves when those under way are answered. */
  async close(): Promise<void> {
    this.stopping = true;
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    this.server.closeIdleConnections();
    await closed;
  }

  private async handle(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { status, headers, text } = await (request.url === '/' ? this.firehose(request) : this.s3(request));
    response.writeHead(status, {
      ...headers,
      'content-length': Buffer.byteLength(text),
      // A body that was not read to its end cannot be followed by another request.
      ...(this.stopping || !request.complete ? { connection: 'close' } : {}),
    });
    response.end(text);
  }

  private async firehose(request: http.IncomingMessage): Promise<Reply> {
    const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
    try {
      return { status: 200, headers, text: JSON.stringify(await this.answer(request)) };
    } catch (error) {
      const { status, type, message } = error instanceof ApiError ? error : this.unexpected(error);
      return { status, headers, text: JSON.stringify({ __type: type, message }) };
    }
  }

  private async s3(request: http.IncomingMessage): Promise<Reply> {
    const requestId = randomUUID();
    const headers = { 'x-amz-request-id': requestId };
    try {
      if (this.stopping) throw s3SlowDown();
      const { etag, checksum } = await putObject(request, this.parts.objects);
      return { status: 200, headers: { ...headers, etag, 'x-amz-checksum-sha256': checksum }, text: '' };
    } catch (error) {
      const s3 = error instanceof S3Error ? error : this.broken(request, error);
      if (s3.cause !== undefined) this.tellRefusal(s3.cause);
      const text = s3.toXml(request.url ?? '', requestId);
      return { status: s3.status, headers: { ...headers, 'content-type': 'application/xml' }, text };
    }
  }

  private broken(request: http.IncomingMessage, error: unknown): S3Error {
    // A client that has its acknowledgement elsewhere leaves in the middle: nobody hears the answer.
    if (!request.destroyed) this.parts.warn(`request failed: ${String(error)}`);
    return new S3Error(500, 'InternalError', 'We encountered an internal error. Please try again.');
  }

  private unexpected(error: unknown): ApiError {
    this.parts.warn(`request failed: ${String(error)}`);
    return new ApiError(500, 'InternalFailure', 'The request failed for an unknown reason.');
  }

  private async answer(request: http.IncomingMessage): Promise<object> {
    if (request.method !== 'POST') {
      throw new ApiError(404, 'UnknownOperationException', `Unknown operation ${request.method} ${request.url}`);
    }
    const operation = checkHeaders(request.headers);
    const body = await readBody(request, MAX_BODY_BYTES);
    if (body === undefined) throw new ApiError(413, 'RequestEntityTooLargeException', 'Request is too large.');
    const parsed = parseRequest(operation, body);
    if (!this.parts.streams.has(parsed.stream)) throw streamNotFound(parsed.stream);
    if (this.stopping) throw slowDown();
    return this.perform(parsed);
  }

  private async perform(request: Request): Promise<object> {
    switch (request.operation) {
      case 'PutRecord':
        return { RecordId: await this.put(request.stream, request.data), Encrypted: false };
      case 'PutRecordBatch': {
        const results = await Promise.allSettled(request.records.map((data) => this.put(request.stream, data)));
        const responses = results.map((result) =>
          result.status === 'fulfilled'
            ? { RecordId: result.value }
            : { ErrorCode: slowDown().type, ErrorMessage: slowDown().message },
        );
        const failed = results.filter(({ status }) => status === 'rejected').length;
        return { FailedPutCount: failed, Encrypted: false, RequestResponses: responses };
      }
      case 'DescribeDeliveryStream':
        return { DeliveryStreamDescription: describe(request.stream) };
    }
  }

  private async put(stream: string, data: Buffer): Promise<string> {
    try {
      return await this.parts.delivery.put({ stream, arrival: this.parts.now(), data });
    } catch (error) {
      this.tellRefusal(error);
      throw slowDown();
    }
  }

  /** Once a second at most: refusals come by the thousand. */
  private tellRefusal(error: unknown): void {
    if (this.parts.now() - this.lastRefusal < 1000) return;
    this.lastRefusal = this.parts.now();
    this.parts.warn(`refusing records: ${String(error)}`);
  }
}

function describe(stream: string): object {
  return {
    DeliveryStreamName: stream,
    DeliveryStreamARN: `arn:aws:firehose:local:000000000000:deliverystream/${stream}`,
    DeliveryStreamStatus: 'ACTIVE',
    DeliveryStreamType: 'DirectPut',
    VersionId: STREAM_VERSION,
    Destinations: [{ DestinationId: 'destinationId-000000000001' }],
    HasMoreDestinations: false,
  };
}
