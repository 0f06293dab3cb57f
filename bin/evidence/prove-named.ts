import type { Partition } from '../../lib/event/keys';
import type { NoteVerifier } from '../../lib/ledger';
import { EvidenceUnavailable } from './error';
import type { Found, FoundEvent } from './find-event';
import { proveEvents, type Proof } from './prove';
import type { EvidenceSource } from './source';
import type { Wanted } from './wanted';

/** The evidence for one name: for an event, or for the events of a request. */
export interface ProvenName {
  readonly name: string;
  readonly proofs: readonly Proof[];
}

export interface UnprovenName {
  readonly name: string;
  readonly why: EvidenceUnavailable;
}

export interface Outcome {
  readonly proven: readonly ProvenName[];
  readonly unproven: readonly UnprovenName[];
}

/** A trail, and how to look for events in it. */
export interface SearchedTrail {
  readonly source: EvidenceSource;
  /** Whether `find` has to be told the hour. */
  readonly byHour: boolean;
  find(names: readonly string[], hour: Partition | undefined): Promise<ReadonlyMap<string, Found>>;
}

/**
 * Gathers the evidence for many events and requests; a request is proven if all of its events are.
 *
 * @param show told how far the work is
 * @throws ServiceError, QueryError, LedgerError if the ledger is damaged; EvidenceUnavailable if there is none
 */
export async function proveNamed(
  wanted: readonly Wanted[],
  trail: SearchedTrail,
  key: NoteVerifier | undefined,
  show: (text: string) => void,
): Promise<Outcome> {
  const found = await findAll(wanted, trail, show);
  const events = new Map<string, FoundEvent>();
  for (const each of found.values()) if (Array.isArray(each)) for (const event of each as FoundEvent[]) events.set(event.fingerprint, event); // prettier-ignore

  // Events of one object follow each other, so that it is read once.
  const ordered = [...events.values()].sort((a, b) => compare(a.objects[0] ?? '', b.objects[0] ?? ''));
  const proofs = new Map<string, Proof | EvidenceUnavailable>();
  if (ordered.length > 0) {
    const at = (done: number) => show(`proving: ${done} of ${ordered.length} events`);
    const all = await proveEvents(ordered, { source: trail.source, key }, at);
    ordered.forEach(({ fingerprint }, i) => proofs.set(fingerprint, all[i]!));
  }
  return outcomeOf(found, proofs);
}

/** Looks into each hour once. */
async function findAll(
  wanted: readonly Wanted[],
  trail: SearchedTrail,
  show: (text: string) => void,
): Promise<Map<string, Found>> {
  const hours = new Map<string, { readonly hour: Partition | undefined; readonly names: Set<string> }>();
  for (const { name, hour } of wanted) {
    const id = trail.byHour && hour !== undefined ? `${hour.dt}T${hour.hour}` : '';
    const group = hours.get(id) ?? { hour, names: new Set() };
    hours.set(id, group);
    group.names.add(name);
  }
  const found = new Map<string, Found>();
  let done = 0;
  for (const [id, { hour, names }] of hours) {
    show(`finding: hour ${(done += 1)} of ${hours.size}${id === '' ? '' : ` (${id})`}, ${names.size} ids`);
    for (const [name, events] of await findIn(trail, [...names], hour)) {
      if (!Array.isArray(found.get(name))) found.set(name, events);
    }
  }
  return found;
}

async function findIn(
  trail: SearchedTrail,
  names: readonly string[],
  hour: Partition | undefined,
): Promise<ReadonlyMap<string, Found>> {
  try {
    return await trail.find(names, hour);
  } catch (error) {
    if (!(error instanceof EvidenceUnavailable)) throw error;
    return new Map(names.map((name) => [name, error])); // This hour has no objects; others may.
  }
}

function outcomeOf(
  found: ReadonlyMap<string, Found>,
  proofs: ReadonlyMap<string, Proof | EvidenceUnavailable>,
): Outcome {
  const proven: ProvenName[] = [];
  const unproven: UnprovenName[] = [];
  for (const [name, events] of found) {
    if (events instanceof EvidenceUnavailable) {
      unproven.push({ name, why: events });
      continue;
    }
    const results = events.map(({ fingerprint }) => proofs.get(fingerprint)!);
    const why = results.find((result) => result instanceof EvidenceUnavailable);
    if (why === undefined) proven.push({ name, proofs: results as Proof[] });
    else unproven.push({ name, why });
  }
  return { proven, unproven };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
