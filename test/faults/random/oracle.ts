import { markerOfEdge, type History, type KnownEvent } from './history';

/** What a truthful product must say of a trail, counted without it. */
export interface Expected {
  /** `CODE chain sequence detail`, sorted; gaps that the writer named too. */
  readonly findings: readonly string[];
  readonly chains: number;
  readonly closedChains: number;
  readonly events: number;
  /** Last phase that the trail has of each request, by marker. */
  readonly requests: ReadonlyMap<string, 'attempt' | 'outcome'>;
  /** Markers of the requests that a function got and of which the trail has no event. */
  readonly unaudited: ReadonlySet<string>;
  /** Markers of the requests that arrived, and that no function got. */
  readonly turnedAway: ReadonlySet<string>;
  /** Events of requests that never arrived. */
  readonly unwitnessed: number;
}

/** @param isThere whether the trail has an event */
export function expectedOf(history: History, isThere: (event: KnownEvent) => boolean): Expected {
  const there = history.events.filter(isThere);
  const chains = new Map<string, KnownEvent[]>();
  for (const event of there) chains.set(event.chain, [...(chains.get(event.chain) ?? []), event]);
  for (const events of chains.values()) events.sort((a, b) => a.sequence - b.sequence);

  const requests = new Map<string, 'attempt' | 'outcome'>();
  for (const { marker, event } of there) {
    if (marker === undefined || requests.get(marker) === 'outcome') continue;
    requests.set(marker, event.unmapped.phase === 'outcome' ? 'outcome' : 'attempt');
  }
  const arrived = history.edge.map(markerOfEdge);
  return {
    findings: [...chains].flatMap(([chain, events]) => gapsOf(chain, events, history)).sort(),
    chains: chains.size,
    closedChains: [...chains.values()].filter((events) => events.at(-1)?.event.unmapped.phase === 'closing').length,
    events: there.length,
    requests,
    unaudited: new Set(arrived.filter((marker) => history.invoked.has(marker) && !requests.has(marker))),
    turnedAway: new Set(arrived.filter((marker) => !history.invoked.has(marker))),
    unwitnessed: 0,
  };
}

function gapsOf(chain: string, events: readonly KnownEvent[], history: History): string[] {
  const named = new Set(events.flatMap(({ event }) => (event.unmapped.unconfirmed ?? []).map(({ uid }) => uid)));
  const known = history.events.filter((event) => event.chain === chain);
  return events.flatMap(({ sequence }, i) => {
    const before = i === 0 ? -1 : events[i - 1]!.sequence;
    const count = sequence - before - 1;
    if (count === 0) return [];
    const missing = known.filter((event) => event.sequence > before && event.sequence < sequence);
    const isNamed = missing.length === count && missing.every(({ uid }) => named.has(uid));
    // What verify calls the number of the events that are missing at the start, and in between.
    const code = isNamed ? 'UNCONFIRMED' : i === 0 ? 'CHAIN_START_MISSING' : 'CHAIN_GAP';
    return [`${code} ${chain} ${sequence} missing: ${count}`];
  });
}
