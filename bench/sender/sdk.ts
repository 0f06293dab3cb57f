import { measure } from './contender';

void measure(async () => {
  const { FirehoseClient, PutRecordCommand } = await import('@aws-sdk/client-firehose');
  const client = new FirehoseClient({});
  return (line) =>
    client.send(new PutRecordCommand({ DeliveryStreamName: 'events', Record: { Data: Buffer.from(line) } }));
});
