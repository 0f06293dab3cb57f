import { Chain, type EventDraft, type SealedEvent } from '../../../lib/event/chain';
import { edgeFields, type ApiKind, type EdgeRecord } from '../../../lib/edge-log/record';
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
  const api: ApiKind = random.chance(0.3) ? 'httpApi' : 'restApi';
  const end = random.weighted({ closed: 3, 'still runs': 2, 'died between': 2, 'died in a request': 3 });
  let time = start;
  for (let n = first; n < first + requests; n++) {
    time += random.below(HOUR_MS / 4);
    const ids = { time, extended: `extended-${n}`, invocation: random.chance(0.5) ? `invocation-${n}` : undefined };
    const dies = end === 'died in a request' && n === first + requests - 1;
    if (random.chance(0.1)) edge.push(of(api, refused(n, time)));
    // A writer that goes on names what failed; the last one's failure is known by the log alone, and so recovered.
    const last = n === first + requests - 1 && end !== 'closed';
    const ending = random.weighted(ENDINGS);
    // What the proxy refuses has an outcome alone.
    if (ending !== 'refused by policy' || dies) {
      write(withIds(attempt(n), ids), dies ? fateAtDeath(random, events.at(-1)) : fateOf(random, last));
    }
    if (!dies) write(withIds(ended(n, ending), ids), last ? 'delivered' : fateOf(random, false));
    edge.push(of(api, dies ? died(n, time) : answered(n, time, ending)));
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

interface Ids {
  readonly time: number;
  readonly extended: string;
  readonly invocation: string | undefined;
}

function withIds(draft: EventDraft, { time, extended, invocation }: Ids): EventDraft {
  const ids = { extended_request_id: extended, ...(invocation !== undefined && { invocation_uid: invocation }) };
  return { ...draft, time, unmapped: { ...draft.unmapped, ...ids } };
}

/** How requests end that do not kill the function. */
const ENDINGS = {
  answered: 12,
  'refused by policy': 1,
  /** Streamed answers: the service broke off, or the client left before it had the head. */
  'broken off': 1,
  'left early': 1,
  /** The gateway waited no longer; the function went on. */
  'timed out': 1,
};
type Ending = keyof typeof ENDINGS;

/** The outcome, as the function tells it. */
function ended(n: number, ending: Ending): EventDraft {
  const draft = outcome(n);
  if (ending === 'refused by policy') return { ...draft, status_code: '403', api: { ...draft.api!, response: { code: 403 } } };
  if (ending === 'broken off') return { ...draft, status_id: 2, status: 'Failure', status_detail: 'upstream_reset' };
  return draft;
} // prettier-ignore

function answered(n: number, time: number, ending: Ending): EdgeRecord {
  const changes: Readonly<Record<Ending, EdgeRecord>> = {
    answered: {},
    'refused by policy': { status: '403', function_status: '403' },
    'broken off': { response_length: '8' },
    'left early': { status: '-', function_status: '-', response_length: '0' },
    'timed out': { status: '504', function_status: '-', error_response_type: 'INTEGRATION_TIMEOUT', integration_error: 'Execution failed due to a timeout error' },
  };
  return restRecord(n, { request_time_epoch: String(time), ...changes[ending] });
} // prettier-ignore

/** The record as that kind of API writes it: an HTTP API does not know every field, and names no stage in its paths. */
function of(api: ApiKind, record: EdgeRecord): EdgeRecord {
  if (api === 'restApi') return record;
  const known = edgeFields.filter(([, { variables }]) => variables.httpApi !== undefined).map(([name]) => [name, record[name]]); // prettier-ignore
  const refusal = record.error_response_type === 'ACCESS_DENIED' && { error_response_type: '-' };
  const path = record.path!.replace(/^\/prod/, '');
  return { ...(Object.fromEntries(known) as EdgeRecord), ...refusal, stage: '$default', resource: '$default', path };
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
