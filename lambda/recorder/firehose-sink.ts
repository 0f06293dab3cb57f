import { PutRecordCommand, type FirehoseClient } from '@aws-sdk/client-firehose';
import type { SealedEvent } from '../../lib/event/chain';
import type { Sink } from './sink';

/** The one call that is made of Firehose. */
export type PutRecordClient = Pick<FirehoseClient, 'send'>;

/** Writes events to one delivery stream, one record each. */
export class FirehoseSink implements Sink {
  readonly name: string;

  constructor(
    private readonly client: PutRecordClient,
    private readonly deliveryStream: string,
  ) {
    this.name = `firehose:${deliveryStream}`;
  }

  async put(event: SealedEvent, signal: AbortSignal): Promise<void> {
    await this.client.send(
      new PutRecordCommand({
        DeliveryStreamName: this.deliveryStream,
        Record: { Data: Buffer.from(event.line + '\n') },
      }),
      { abortSignal: signal },
    );
  }
}
