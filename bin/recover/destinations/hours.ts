import { partitionOf, partitionPath } from '../../../lib/event/keys';

/**
 * Hours that one stream gets in one recovery. Firehose keeps 500 partitions a stream open at once and sends what exceeds
 * them to the error prefix; the requests of the moment need some too.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/limits.html
 */
const MAX_HOURS_A_STREAM = 400;

/** Gives each hour to one of the streams, in turn, so that old events do not open the same partition in all of them. */
export class Hours {
  private readonly streamOf = new Map<string, string>();

  constructor(private readonly streams: readonly string[]) {}

  /**
   * @param time the event's, epoch milliseconds
   * @returns undefined where every stream has as many hours as it may
   */
  stream(time: number): string | undefined {
    const hour = partitionPath(partitionOf(time));
    const known = this.streamOf.get(hour);
    if (known !== undefined) return known;
    if (this.streamOf.size >= this.streams.length * MAX_HOURS_A_STREAM) return undefined;
    const stream = this.streams[this.streamOf.size % this.streams.length]!;
    this.streamOf.set(hour, stream);
    return stream;
  }
}
