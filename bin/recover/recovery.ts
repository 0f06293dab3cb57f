import type { SealedEvent } from '../../lib/event/chain';

/** Why something did not come (back) into the trail. */
export type Problem =
  /** Lines of it were not there. */
  | 'incomplete'
  /** It is not what its writer sealed. */
  | 'broken'
  /** It is no audit event at all. */
  | 'no event'
  /** The trail holds another event with its uid. */
  | 'refused'
  /** The trail did not take it. */
  | 'failed';

/** Something that was found and did not come into the trail. What is not known is absent. */
export interface Unrecovered {
  readonly problem: Problem;
  readonly uid?: string;
  readonly fingerprint?: string;
  readonly detail: string;
  /** The file or object that it was in. */
  readonly from?: string;
}

/** What a source finds: events, and what should have been one. */
export type Found = SealedEvent | Unrecovered;

/** How the replay of one event ended. */
export type Replayed = 'recovered' | 'already in the trail' | Unrecovered;

/** Where events are replayed into. */
export interface Destination {
  /** For people, e.g. `.audit/fallback/`. */
  readonly name: string;
  /** @returns how it ended, in the order of the events. */
  replay(events: readonly SealedEvent[]): Promise<readonly Replayed[]>;
  close(): Promise<void>;
}

export interface Recovery {
  /** Different events that were found, whole and intact. */
  readonly found: number;
  readonly recovered: number;
  readonly alreadyInTrail: number;
  readonly unrecovered: readonly Unrecovered[];
}

/** What keeps the command from doing its work; the message is for people. */
export class RecoveryError extends Error {
  override readonly name = 'RecoveryError';
}

/** Enough that a batch is worth its round trip, and little enough that any number of events can be replayed. */
const BATCH = { events: 2_000, characters: 16 * 1024 * 1024 };

/**
 * Replays everything that a source finds, a batch at a time.
 *
 * @param progress is told how far it is, after each batch
 * @throws RecoveryError (or the engine's own error) where it cannot go on; what was replayed before stays.
 */
export async function recover(
  source: AsyncIterable<Found>,
  destination: Pick<Destination, 'replay'>,
  progress: (recovery: Recovery) => void = () => undefined,
): Promise<Recovery> {
  const recovery = { found: 0, recovered: 0, alreadyInTrail: 0, unrecovered: [] as Unrecovered[] };
  for await (const { events, problems } of batches(source)) {
    recovery.found += events.length;
    recovery.unrecovered.push(...problems);
    for (const replayed of await destination.replay(events)) {
      if (replayed === 'recovered') recovery.recovered += 1;
      else if (replayed === 'already in the trail') recovery.alreadyInTrail += 1;
      else recovery.unrecovered.push(replayed);
    }
    progress(recovery);
  }
  return recovery;
}

interface Batch {
  readonly events: SealedEvent[];
  readonly problems: Unrecovered[];
}

async function* batches(source: AsyncIterable<Found>): AsyncIterable<Batch> {
  let batch: Batch = { events: [], problems: [] };
  let characters = 0;
  for await (const found of source) {
    if ('problem' in found) {
      batch.problems.push(found);
    } else {
      batch.events.push(found);
      characters += found.line.length;
    }
    if (batch.events.length >= BATCH.events || characters >= BATCH.characters) {
      yield batch;
      batch = { events: [], problems: [] };
      characters = 0;
    }
  }
  yield batch;
}
