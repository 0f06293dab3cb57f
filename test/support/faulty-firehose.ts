import type { EndpointAnswer, EndpointProtocol, Write } from './faulty-endpoint';
import type { SignedRequestParts } from './signature-check';

/**
 * Firehose's PutRecord, one event a record.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html
 */
export class FirehoseProtocol implements EndpointProtocol {
  private records = 0;
  private refusals = 0;

  read({ body }: SignedRequestParts): Pick<Write, 'sink' | 'line'> {
    const input = JSON.parse(body.toString()) as { DeliveryStreamName: string; Record: { Data: string } };
    const line = Buffer.from(input.Record.Data, 'base64').toString().replace(/\n$/, '');
    return { sink: `firehose:${input.DeliveryStreamName}`, line };
  }

  /** A stream takes the same event as often as it comes. */
  persist(): { answer: EndpointAnswer; isNew: boolean } {
    const body = JSON.stringify({ Encrypted: true, RecordId: `record-${(this.records += 1)}` });
    return { answer: { status: 200, headers: JSON_1_1, body }, isNew: true };
  }

  refuse(fault: 'throttled' | 'error' | 'denied'): EndpointAnswer {
    switch (fault) {
      case 'throttled':
        // A stream over its limits says the one, an account over its calls the other.
        return (this.refusals += 1) % 2 === 1
          ? failure(503, 'ServiceUnavailableException', 'Slow down.')
          : failure(400, 'ThrottlingException', 'Rate exceeded');
      case 'error':
        return failure(500, 'InternalFailure', 'The request processing has failed.');
      case 'denied':
        return failure(400, 'UnrecognizedClientException', 'The security token included in the request is invalid.');
    }
  }
}

const JSON_1_1 = { 'Content-Type': 'application/x-amz-json-1.1' };

function failure(status: number, type: string, message: string): EndpointAnswer {
  return { status, headers: JSON_1_1, body: JSON.stringify({ __type: type, message }) };
}
