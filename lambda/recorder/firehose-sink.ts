import type { SealedEvent } from '../../lib/event/chain';
import { MAX_RECORD_BYTES } from '../../lib/event/record';
import type { SignedRequests } from './aws/signed-requests';
import { SinkError, type Sink } from './sink';

/**
 * Writes events to one delivery stream, one record each (PutRecord).
 *
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html
 */
export class FirehoseSink implements Sink {
  readonly name: string;

  /** @param endpoint base URL of Firehose */
  constructor(
    private readonly requests: Pick<SignedRequests, 'send'>,
    private readonly endpoint: string,
    private readonly deliveryStream: string,
  ) {
    this.name = `firehose:${deliveryStream}`;
  }

  async put({ line }: SealedEvent, signal: AbortSignal): Promise<void> {
    const record = Buffer.from(line + '\n');
    if (record.length > MAX_RECORD_BYTES) {
      throw new SinkError(`a record of ${record.length} bytes is over the limit of ${MAX_RECORD_BYTES}`, true);
    }
    const { status, body } = await this.requests.send(
      {
        method: 'POST',
        url: `${this.endpoint}/`,
        headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': 'Firehose_20150804.PutRecord' },
        body: Buffer.from(
          `{"DeliveryStreamName":${JSON.stringify(this.deliveryStream)},"Record":{"Data":"${record.toString('base64')}"}}`,
        ),
      },
      signal,
    );
    if (status !== 200) throw refusal(status, body);
    // An acknowledgement that does not name the record is none.
    if (!body.includes('"RecordId"')) throw new SinkError('an answer without RecordId');
  }
}

/** 4xx that say "later", not "never". */
const PASSING = /Throttl|SlowDown|TooManyRequests|LimitExceeded|RequestTimeout|Unavailable/;

function refusal(status: number, body: Buffer): SinkError {
  const { type, message } = parseError(body);
  const passing = status >= 500 || status === 408 || status === 429 || PASSING.test(type);
  return new SinkError(`${type || `status ${status}`}: ${message}`, !passing);
}

/** @see https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html#operation-error-serialization */
function parseError(body: Buffer): { type: string; message: string } {
  try {
    const error = Object(JSON.parse(body.toString())) as Record<string, unknown>;
    const type = String(error['__type'] ?? '').replace(/^.*#/, '');
    return { type, message: String(error['message'] ?? error['Message'] ?? '').slice(0, 200) };
  } catch {
    return { type: '', message: 'an answer that is no JSON' };
  }
}
