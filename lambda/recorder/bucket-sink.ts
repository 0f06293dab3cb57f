import type { SealedEvent } from '../../lib/event/chain';
import { fallbackKey } from '../../lib/event/keys';
import type { NewObject } from './aws/put-object';
import type { Sink } from './sink';

/** The fallback: puts an event into the locked bucket directly, as an object of its own under `fallback/`. */
export class BucketSink implements Sink {
  readonly name: string;

  constructor(private readonly objects: Sink<NewObject>) {
    this.name = objects.name;
  }

  put({ event, uid, line }: SealedEvent, signal: AbortSignal): Promise<void> {
    const key = fallbackKey(event.time, uid);
    return this.objects.put({ key, contentType: 'application/json', body: Buffer.from(line + '\n') }, signal);
  }
}
