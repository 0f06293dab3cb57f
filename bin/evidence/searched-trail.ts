import type { Partition } from '../../lib/event/keys';
import { noteVerifier, type NoteVerifier } from '../../lib/ledger';
import type { BucketTrail } from '../commands/bucket-trail';
import { withTrail, type LocalOption } from '../commands/local-trail';
import type { Screen } from '../commands/output/table';
import { bucketSource } from './bucket-source';
import { EvidenceUnavailable } from './error';
import { findNamed } from './find-event';
import { findInHour } from './hour-of-bucket';
import { localSource } from './local-source';
import type { SearchedTrail } from './prove-named';

/** A trail in a folder: it is searched whole. */
export function searchedFolder(options: LocalOption, hour: Partition | undefined, screen: Screen): SearchedTrail {
  if (hour !== undefined) throw new EvidenceUnavailable('--hour goes with --bucket or --stack');
  return {
    source: localSource(options.local),
    byHour: false,
    find: (names) => withTrail(options, (trail) => findNamed(trail, names, screen)),
  };
}

/** A trail in a bucket: it is searched by the hour. @param hour of names that tell none */
export function searchedBucket({ bucket }: BucketTrail, hour: Partition | undefined, screen: Screen): SearchedTrail {
  return {
    source: bucketSource(bucket),
    byHour: true,
    find: async (names, own) => {
      const where = own ?? hour;
      if (where === undefined) throw new HourNeeded(HOUR_NEEDED);
      return findInHour(bucket, where, names, screen);
    },
  };
}

/** Not a finding about one of many names: nothing was looked for. */
export class HourNeeded extends Error {
  override readonly name = 'HourNeeded';
}

const HOUR_NEEDED =
  'an id of an event does not tell when it happened: give the hour of the request with --hour YYYY-MM-DDTHH (audit_events has it as dt and hour)';

/** The key to check with, and what a person should know of it. */
export interface CheckedBy {
  readonly key: NoteVerifier | undefined;
  /** @param origin of the checkpoint */
  notice(origin: string): string | undefined;
}

/** @param given the pinned one @param stackKey what the stack tells */
export function checkedBy(given: NoteVerifier | undefined, stackKey: string | undefined): CheckedBy {
  if (given !== undefined) return { key: given, notice: () => undefined };
  if (stackKey === undefined) {
    return {
      key: undefined,
      notice: (origin) => `the signature was not checked; --key with the vkey of ${origin} does so`,
    };
  }
  const ofStack = 'the signature was checked with the key that the stack tells of: whoever can change the stack can change that. --key takes one that you wrote down'; // prettier-ignore
  return { key: noteVerifier(stackKey), notice: () => ofStack };
}
