import {
  isFinal,
  isSealedKey,
  versionName,
  type ObjectVersion,
  type SealReport,
  type SealStore,
  type Sealer,
} from '../../lib/ledger/seal';
import type { SealerSettings, SweepRequest } from '../../lib/ledger/seal/settings';
import type { Bucket, ListedVersion } from './aws/bucket';
import { metricLine, type SealerFigures } from './metrics';
import { readNotice, type Notice, type QueueMessage } from './notices';
import { recentSlices, shareOf, type Slice } from './sweep';
import { Sweeping } from './sweep-run';
import { Unfinished } from './unfinished';

/** What the function is called with. */
export type SealerEvent = { readonly Records: readonly QueueMessage[] } | SweepRequest;

/** The messages that stay in the queue. @see https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html */
export interface BatchAnswer {
  readonly batchItemFailures: readonly { readonly itemIdentifier: string }[];
}

export interface HandlerParts {
  readonly settings: Pick<SealerSettings, 'bucket' | 'sweepHours' | 'metricNamespace'>;
  /** Made at the first call, and again after it could not be: it asks KMS for the public key. */
  readonly sealer: () => Promise<Pick<Sealer, 'seal'>>;
  readonly bucket: Pick<Bucket, 'level' | 'versions'>;
  /** Where the ledger lies; sweeps keep there what they had no time for. */
  readonly store: Pick<SealStore, 'get' | 'putIfAbsent' | 'putIfMatch'>;
  /** Epoch milliseconds. */
  readonly now: () => number;
  /** Writes one line to the function's log. */
  readonly log: (line: string) => void;
}

/** What a sweep leaves of its time: for the batch that it has begun with, and for writing down what is left. */
const RESERVE_MS = 60_000;
/** A notice that has not come by then is lost; most take seconds. */
const NOTICE_TAKES_MS = 30 * 60_000;
/** Objects that one invocation names in its log, of each kind. */
const MOST_NAMED = 20;

/** The sealer function: notices of new objects from the queue, and the schedule's sweeps for those that were lost. */
export class SealerHandler {
  constructor(private readonly parts: HandlerParts) {}

  /** @param remainingMs how long this invocation may still take. Default: for ever */
  async handle(event: SealerEvent, remainingMs = () => Infinity): Promise<BatchAnswer | undefined> {
    if ('Records' in event) return this.sealNoticed(event.Records);
    if (event.sweep !== true) throw new Error('neither messages of the queue nor a request for a sweep');
    await this.sweep(event, this.parts.now() + remainingMs() - RESERVE_MS);
    return undefined;
  }

  private async sealNoticed(messages: readonly QueueMessage[]): Promise<BatchAnswer> {
    const failed = new Set<string>();
    const notices: Notice[] = [];
    for (const message of messages) {
      const notice = readNotice(message, this.parts.settings.bucket);
      if (notice === undefined) {
        failed.add(message.messageId);
        this.parts.log(JSON.stringify({ message: 'not a notice of this bucket', body: message.body.slice(0, 1_000) }));
      } else if (isSealedKey(notice.version.key)) notices.push(notice);
    }
    const oldest = Math.min(...notices.map(({ time }) => time));
    const report = await this.seal(notices.map(({ version }) => version), oldest); // prettier-ignore
    const again = new Set(report.failed.map(({ version }) => versionName(version)));
    for (const { version, messageId } of notices) if (again.has(versionName(version))) failed.add(messageId);
    return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
  }

  /**
   * Each kind of work has its part of the time, and what it leaves is there for the next kind, so that none waits for
   * ever: the last hours, this hour's share of the bucket, and what earlier sweeps left.
   */
  private async sweep({ prefix }: SweepRequest, end: number): Promise<void> {
    const { bucket, settings, store, now } = this.parts;
    const begin = now();
    const until = (part: number) => (end === Infinity ? end : begin + (end - begin) * part);
    let unread = 0;
    const seal = async (batch: readonly ListedVersion[]) => void (unread += await this.sealSwept(batch));
    const sweeping = new Sweeping({ bucket, now, seal });
    const unfinished = new Unfinished(store);
    const before = await unfinished.read();

    const left: Slice[] = [];
    if (prefix !== undefined) left.push(...(await sweeping.go([{ prefix }], until(0.75))));
    else {
      left.push(...(await sweeping.go(await recentSlices(bucket, begin, settings.sweepHours), until(0.5))));
      const share = await shareOf(bucket, begin);
      await sweeping.take(share.versions);
      left.push(...(await sweeping.go(share.slices, until(0.75))));
    }
    left.unshift(...(await sweeping.go(before, until(1))));
    await sweeping.flush();
    await unfinished.write(left);
    if (left.length > 0) this.parts.log(JSON.stringify({ message: 'the next sweep goes on', parts: left.length }));
    if (unread > 0) throw new Error(`${unread} object versions could not be read; the next sweep tries again`);
  }

  private async sealSwept(versions: readonly ListedVersion[]): Promise<number> {
    const { failed, sealed } = await this.seal(versions);
    const modified = new Map(versions.map((version) => [versionName(version), version.lastModified]));
    const due = this.parts.now() - NOTICE_TAKES_MS;
    const lost = sealed.filter((version) => modified.get(versionName(version))! < due);
    this.measure({ noticesLost: lost.length });
    this.tell('its notice was lost', lost.map((version) => ({ version }))); // prettier-ignore
    return failed.length;
  }

  /** @param oldest when the oldest object was created, epoch milliseconds; `Infinity` if there is none */
  private async seal(versions: readonly ObjectVersion[], oldest = Infinity): Promise<SealReport> {
    const age = () => ({ sealLag: Math.max(0, this.parts.now() - oldest) / 1_000 });
    const lag = () => (oldest === Infinity ? {} : age());
    try {
      const report = await (await this.parts.sealer()).seal(versions);
      const { sealed, unreadable, missing, failed, head } = report;
      this.measure({
        ...lag(),
        objectsSealed: sealed.length,
        objectsUnreadable: unreadable.length,
        treeSize: head.size,
        sealingStopped: 0,
      });
      this.tell('sealed, but its events are not as a writer puts them there', unreadable);
      this.tell('there is no such object version', missing.map((version) => ({ version }))); // prettier-ignore
      this.tell('could not be read, and is not sealed yet', failed.map(({ version, error }) => ({ version, reason: String(error) }))); // prettier-ignore
      return report;
    } catch (error) {
      this.measure({ ...lag(), sealingStopped: isFinal(error) ? 1 : 0 });
      throw error;
    }
  }

  private measure(figures: SealerFigures): void {
    this.parts.log(metricLine(this.parts.settings.metricNamespace, this.parts.now(), figures));
  }

  private tell(
    message: string,
    objects: readonly { readonly version: ObjectVersion; readonly reason?: string }[],
  ): void {
    for (const { version, reason } of objects.slice(0, MOST_NAMED)) {
      this.parts.log(JSON.stringify({ message, key: version.key, versionId: version.versionId, reason }));
    }
    if (objects.length > MOST_NAMED) this.parts.log(JSON.stringify({ message, more: objects.length - MOST_NAMED }));
  }
}
