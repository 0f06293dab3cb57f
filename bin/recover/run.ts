import { setTimeout as sleep } from 'node:timers/promises';
import type { LogMessages, RecordBatches, TrailBucket } from './aws/services';
import { loadClients } from '../aws/load-clients';
import { DeliveryStreamsDestination } from './destinations/delivery-streams';
import { LocalTrailDestination } from './destinations/local-trail';
import type { DestinationPlan, Plan, SourcePlan } from './plan';
import type { Progress } from './progress';
import { recover, RecoveryError, type Destination, type Found, type Recovery } from './recovery';
import { LocalErrorObjects, undelivered } from './sources/error-objects';
import { fileLines, lastResortEvents } from './sources/last-resort';
import { logGroupLines } from './sources/log-group';

/** The services of AWS that a recovery may need. */
export interface AwsServices {
  batches(): RecordBatches;
  logs(): LogMessages;
  bucket(name: string): TrailBucket;
}

/** What a recovery needs of its surroundings. */
export interface Surroundings {
  /** Called only where AWS is asked for something. */
  readonly aws: () => Promise<AwsServices>;
  readonly stdin: AsyncIterable<Uint8Array>;
  readonly progress: Progress;
}

export async function loadAws(region: string | undefined): Promise<AwsServices> {
  const { FilteredLogs, FirehoseBatches, S3TrailBucket } = await loadClients();
  const options = region === undefined ? {} : { region };
  return {
    batches: () => FirehoseBatches.of(options),
    logs: () => FilteredLogs.of(options),
    bucket: (name) => S3TrailBucket.of(name, options),
  };
}

/** What was done, and where. */
export interface Done {
  readonly recovery: Recovery;
  /** For people. */
  readonly source: string;
  /** For people. */
  readonly destination: string;
}

/**
 * Does what was planned.
 *
 * @param dryRun whether to write nothing, anywhere
 * @throws RecoveryError, ServiceError, QueryError where it cannot be done
 */
export async function runPlan(plan: Plan, dryRun: boolean, surroundings: Surroundings): Promise<Done> {
  const destination = await destinationOf(plan.destination, dryRun, surroundings);
  let last: Recovery | undefined;
  try {
    const recovery = await recover(await foundBy(plan.source, surroundings), destination, (now) => {
      last = now;
      surroundings.progress.show(`${now.recovered + now.alreadyInTrail} of ${now.found} events are in the trail`);
    });
    return { recovery, source: nameOf(plan.source), destination: destination.name };
  } catch (error) {
    if (last === undefined || last.recovered === 0 || !(error instanceof Error)) throw error;
    throw new RecoveryError(`${error.message} (${last.recovered} events were recovered before)`);
  } finally {
    surroundings.progress.end();
    await destination.close();
  }
}

async function destinationOf(plan: DestinationPlan, dryRun: boolean, { aws }: Surroundings): Promise<Destination> {
  if (plan.kind === 'local') return LocalTrailDestination.open(plan.dir, dryRun);
  const { streams, bucket } = plan;
  const services = dryRun ? NOTHING_WRITTEN : await aws();
  return new DeliveryStreamsDestination({
    streams,
    batches: services.batches(),
    bucket: bucket === undefined ? undefined : services.bucket(bucket),
    pace: { sleep: (milliseconds) => sleep(milliseconds), random: Math.random },
  });
}

/** Takes everything, and does nothing with it. */
const NOTHING_WRITTEN = {
  batches: (): RecordBatches => ({ putBatch: (_, records) => Promise.resolve(records.map(() => undefined)) }),
  bucket: (name: string): Pick<TrailBucket, 'name' | 'putNew' | 'sha256'> => ({
    name,
    putNew: () => Promise.resolve(true),
    sha256: () => Promise.resolve(undefined),
  }),
};

async function foundBy(plan: SourcePlan, { aws, stdin, progress }: Surroundings): Promise<AsyncIterable<Found>> {
  switch (plan.kind) {
    case 'files':
      return lastResortEvents(fileLines(plan.files, stdin));
    case 'log group':
      return lastResortEvents(
        logGroupLines(plan, (await aws()).logs(), (pages, lines) =>
          progress.show(`read ${pages} ${pages === 1 ? 'page' : 'pages'} of the log, found ${lines} lines`),
        ),
      );
    case 'local errors':
      return undelivered(new LocalErrorObjects(plan.dir), plan.prefix);
    case 'bucket errors':
      return undelivered((await aws()).bucket(plan.bucket), plan.prefix);
  }
}

function nameOf(plan: SourcePlan): string {
  switch (plan.kind) {
    case 'files':
      return plan.files.join(', ');
    case 'log group':
      return `log group ${plan.logGroup}`;
    case 'local errors':
      return `${plan.dir}/${plan.prefix}`;
    case 'bucket errors':
      return `s3://${plan.bucket}/${plan.prefix}`;
  }
}
