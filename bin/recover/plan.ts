import { ERRORS_PREFIX } from '../../lib/event/keys';
import { instantOf } from '../query/instant';
import { RecoveryError } from './recovery';
import type { LogGroupQuery } from './sources/log-group';

/** The command line as commander reads it. */
export interface RecoverOptions {
  readonly local: string;
  /** Whether `--local` was given, or is the default. */
  readonly localGiven: boolean;
  readonly logGroup?: string;
  readonly since?: string;
  readonly until?: string;
  readonly errors?: boolean;
  readonly stream?: readonly string[];
  readonly bucket?: string;
  readonly prefix?: string;
  readonly region?: string;
}

export type SourcePlan =
  | { readonly kind: 'files'; readonly files: readonly string[] }
  | ({ readonly kind: 'log group' } & LogGroupQuery)
  | { readonly kind: 'local errors'; readonly dir: string; readonly prefix: string }
  | { readonly kind: 'bucket errors'; readonly bucket: string; readonly prefix: string };

export type DestinationPlan =
  | { readonly kind: 'local'; readonly dir: string }
  | { readonly kind: 'streams'; readonly streams: readonly string[]; readonly bucket?: string };

export interface Plan {
  readonly source: SourcePlan;
  readonly destination: DestinationPlan;
}

/**
 * What a command line asks for.
 *
 * @param now epoch milliseconds from which spans count back
 * @throws RecoveryError that says what does not go together
 */
export function planOf(files: readonly string[], options: RecoverOptions, now: number): Plan {
  refuseMisfits(files, options);
  return { source: sourceOf(files, options, now), destination: destinationOf(options) };
}

function refuseMisfits(files: readonly string[], options: RecoverOptions): void {
  const { logGroup, since, until, errors, stream, bucket, prefix, region, localGiven } = options;
  const sources = [files.length > 0, logGroup !== undefined, errors === true].filter(Boolean).length;
  if (sources === 0) throw new RecoveryError('what shall be recovered? Name log files, --log-group, or --errors');
  if (sources > 1) throw new RecoveryError('name log files, --log-group or --errors, and only one of them');
  if (files.filter((file) => file === '-').length > 1) throw new RecoveryError('- can be named once only');

  const inTime = since !== undefined || until !== undefined;
  if (inTime && logGroup === undefined) throw new RecoveryError('--since and --until go with --log-group');
  if (stream !== undefined && localGiven) throw new RecoveryError('events go to --local or to --stream, not to both');
  if (errors === true && stream !== undefined && bucket === undefined) {
    throw new RecoveryError('--errors with --stream needs --bucket: where the errors are');
  }
  if (bucket !== undefined && stream === undefined) {
    throw new RecoveryError('--bucket needs --stream: where the events go');
  }
  if (prefix !== undefined && errors !== true) throw new RecoveryError('--prefix goes with --errors');
  if (prefix !== undefined && !prefix.startsWith(ERRORS_PREFIX)) {
    throw new RecoveryError(`--prefix "${prefix}" must begin with ${ERRORS_PREFIX}`);
  }
  if (region !== undefined && logGroup === undefined && stream === undefined) {
    throw new RecoveryError('--region goes with --log-group or --stream');
  }
}

function sourceOf(files: readonly string[], options: RecoverOptions, now: number): SourcePlan {
  const { logGroup, since, until, errors, bucket, local, prefix = ERRORS_PREFIX } = options;
  if (logGroup !== undefined) return { kind: 'log group', logGroup, ...range(since, until, now) };
  if (errors !== true) return { kind: 'files', files };
  return bucket === undefined
    ? { kind: 'local errors', dir: local, prefix }
    : { kind: 'bucket errors', bucket, prefix };
}

function destinationOf({ stream, bucket, local }: RecoverOptions): DestinationPlan {
  if (stream === undefined) return { kind: 'local', dir: local };
  return { kind: 'streams', streams: [...new Set(stream)], ...(bucket !== undefined && { bucket }) };
}

function range(since: string | undefined, until: string | undefined, now: number): { since?: number; until?: number } {
  const first = since === undefined ? undefined : instant('--since', since, now, 'first');
  const last = until === undefined ? undefined : instant('--until', until, now, 'last');
  if (first !== undefined && last !== undefined && first > last) {
    throw new RecoveryError(`--since "${since}" is after --until "${until}"`);
  }
  return { ...(first !== undefined && { since: first }), ...(last !== undefined && { until: last }) };
}

function instant(option: string, value: string, now: number, edge: 'first' | 'last'): number {
  const read = instantOf(value, now, edge);
  if (read !== undefined) return read;
  throw new RecoveryError(
    `${option} "${value}" is no time: give ISO 8601 (2026-11-24T07:30Z), a date, or a span back from now (30s, 15m, 2h, 7d)`,
  );
}
