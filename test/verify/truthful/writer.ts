import { Chain, type EventDraft, type SealedEvent } from '../../../lib/event/chain';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import { NO_INTEGRATION, restRecord } from '../../support/edge-record';
import { attempt, closing, outcome } from '../../support/sample-event';
import type { Random } from '../../faults/random/random';

/** What became of one event on its way into the trail. */
export type Fate =
  | 'delivered'
  | 'delivered twice'
  /** It came to rest, and the writer did not learn of it. */
  | 'delivered, unconfirmed'
  /** No sink took it; it lies on the function's log. */
  | 'lost'
  /** The same, and it was brought in later. */
  | 'recovered';

export interface WrittenEvent {
  readonly sealed: SealedEvent;
  readonly fate: Fate;
}

/** What one function environment and the gateway before it left behind. */
export interface Written {
  readonly events: readonly WrittenEvent[];
  readonly edge: readonly EdgeRecord[];
}

const HOUR_MS = 3_600_000;

/**
 * Plays a truthful writer: requests over a few hours, some of which go wrong, and perhaps a sudden end.
 *
 * @param first number of its first request; those after it count up
 * @param start when it starts, epoch milliseconds
 */
export function playWriter(random: Random, first: number, start: number): Written {
  const chain = new Chain(`chain-${first}`);
  const events: WrittenEvent[] = [];
  const edge: EdgeRecord[] = [];
  const write = (draft: EventDraft, fate: Fate) => {
    const sealed = chain.seal(draft);
    if (fate === 'delivered' || fate === 'delivered twice') chain.noteConfirmed(sealed);
    else chain.noteUnconfirmed(sealed);
    events.push({ sealed, fate });
  };
  const requests = random.below(8);
  const end = random.weighted({ closed: 3, 'still runs': 2, 'died between': 2, 'died in a request': 3 });
  let time = start;
  for (let n = first; n < first + requests; n++) {
    time += random.below(HOUR_MS / 4);
    const ids = { time, extended: `extended-${n}` };
    const dies = end === 'died in a request' && n === first + requests - 1;
    if (random.chance(0.1)) edge.push(refused(n, time));
    // A writer that goes on names what failed; the last one's failure is known by the log alone, and so recovered.
    const last = n === first + requests - 1 && end !== 'closed';
    write(withIds(attempt(n), ids), dies ? fateAtDeath(random, events.at(-1)) : fateOf(random, last));
    if (!dies) write(withIds(outcome(n), ids), last ? 'delivered' : fateOf(random, false));
    edge.push(dies ? died(n, time) : answered(n, time));
  }
  if (end === 'closed' && requests > 0) write({ ...closing(), time, metadata: { ...closing().metadata, uid: `closing-${first}` } }, 'delivered'); // prettier-ignore
  return { events, edge: withLosses(random, events, edge) };
}

/**
 * The edge log loses a record now and then. That it was the edge log's loss shows by a later request of the chain that
 * both know; and of no hour it loses all: that would show as somebody's removal.
 */
function withLosses(random: Random, events: readonly WrittenEvent[], edge: readonly EdgeRecord[]): EdgeRecord[] {
  const there = new Set(
    events.flatMap(({ sealed, fate }) => (fate === 'lost' ? [] : [sealed.event.unmapped.extended_request_id])),
  );
  let provenLater = false;
  const hours = new Set<number>();
  const kept = [...edge].reverse().filter((record) => {
    const hour = Math.floor(Number(record.request_time_epoch) / HOUR_MS);
    const isThere = there.has(record.extended_request_id);
    if (isThere && provenLater && hours.has(hour) && random.chance(0.1)) return false;
    provenLater ||= isThere;
    hours.add(hour);
    return true;
  });
  return kept.reverse();
}

/** Under a request that kills the environment; nothing later names what failed, so it fails once at most. */
function fateAtDeath(random: Random, before: WrittenEvent | undefined): Fate {
  return random.oneOf(before?.fate === 'lost' ? ['delivered', 'recovered'] : ['delivered', 'recovered', 'lost']);
}

function fateOf(random: Random, last: boolean): Fate {
  const fates = { delivered: 12, 'delivered twice': 2, 'delivered, unconfirmed': 1, recovered: 1 };
  return random.weighted<Fate>(last ? { ...fates, lost: 0 } : { ...fates, lost: 2 });
}

function withIds(draft: EventDraft, { time, extended }: { time: number; extended: string }): EventDraft {
  return { ...draft, time, unmapped: { ...draft.unmapped, extended_request_id: extended } };
}

function answered(n: number, time: number): EdgeRecord {
  return restRecord(n, { request_time_epoch: String(time) });
}

function died(n: number, time: number): EdgeRecord {
  return restRecord(n, {
    request_time_epoch: String(time),
    status: '502',
    function_status: '-',
    error_response_type: 'INTEGRATION_FAILURE',
    integration_error: 'Lambda Customer Function Error: RequestId: 1 Error: Runtime exited',
  });
}

function refused(n: number, time: number): EdgeRecord {
  const id = `refused-${n}`;
  const changes = { request_time_epoch: String(time), request_id: id, extended_request_id: id };
  return restRecord(n, { ...NO_INTEGRATION, ...changes, status: '403', error_response_type: 'ACCESS_DENIED' });
}
