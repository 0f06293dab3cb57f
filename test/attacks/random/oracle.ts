import { createHash } from 'node:crypto';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import type { AuditEvent } from '../../../lib/event/schema';
import type { TrailObject } from '../../verify/truthful/trail';

/**
 * What a verifier with key and checkpoint could know of one trail that somebody attacked, in plain code that shares nothing
 * with `verify`: every way in which what is there contradicts itself. None means that nobody can tell.
 *
 * @param startsMayBeGone whether older objects were disposed of after their retention: chains may have begun in them
 */
export function contradictionsOf(objects: readonly TrailObject[], startsMayBeGone: boolean): string[] {
  const events = new Map<string, AuditEvent>();
  const found: string[] = [];
  for (const { key, events: inside, records } of objects) {
    for (const event of inside) {
      const there = events.get(event.metadata.uid);
      if (there !== undefined && recorded(there) !== recorded(event)) found.push('two events of one id');
      else events.set(event.metadata.uid, event);
      if (fingerprint(event) !== recorded(event)) found.push('a fingerprint that does not fit');
      if (!key.includes(`/${hourPath(event.time)}/`)) found.push('an event in another hour');
      if (!['attempt', 'outcome', 'closing'].includes(String(event.unmapped.phase))) found.push('an unknown phase');
      if (![6002, 6003].includes(event.class_uid)) found.push('an unknown class');
      if (event.metadata.sequence < 0) found.push('a sequence below 0');
    }
    for (const { request_time_epoch: time } of records) {
      if (!key.includes(`/${hourPath(Number(time))}/`)) found.push('a record in another hour');
    }
  }
  const chains = groupBy(events.values(), chainOf);
  const excused = new Set<string>();
  for (const chain of chains.values()) found.push(...inChain(chain, { all: events, excused, startsMayBeGone }));
  const records = objects.flatMap((object) => object.records);
  return [...new Set([...found, ...ofTwoChains([...events.values()]), ...withEdge(chains, records, excused)])];
}

interface Around {
  readonly all: ReadonlyMap<string, AuditEvent>;
  /** Gets the requests that the chain itself says may have no event. */
  readonly excused: Set<string>;
  readonly startsMayBeGone: boolean;
}

function inChain(chain: AuditEvent[], { all, excused, startsMayBeGone }: Around): string[] {
  const found: string[] = [];
  const inOrder = chain.sort((a, b) => a.metadata.sequence - b.metadata.sequence);
  const names = inOrder.flatMap((event) => event.unmapped.unconfirmed ?? []);
  for (const { uid, fingerprint: named } of names) {
    const there = all.get(uid);
    if (there !== undefined && recorded(there) !== named)
      found.push('an event that was named with another fingerprint');
  }
  const absent = new Map(names.filter(({ uid }) => !all.has(uid)).map((name) => [name.uid, name]));
  let before: AuditEvent | undefined;
  let missing = 0;
  let hasGap = false;
  for (const event of inOrder) {
    const previous = event.attestation_list[0]!.prev_event;
    const step = event.metadata.sequence - (before?.metadata.sequence ?? -1);
    hasGap ||= step > 1;
    if (step === 0) found.push('two events at one place');
    else if (step > 1 && (before !== undefined || !startsMayBeGone)) {
      missing += step - 1;
      if (absent.get(String(previous?.uid))?.fingerprint !== previous?.fingerprint?.value) found.push('a gap');
    } else if (step === 1 && !isAfter(event, before)) found.push('a link to another event');
    before = event;
  }
  if (missing > absent.size) found.push('a gap');
  if (hasGap) for (const { extended_request_id: id } of absent.values()) excused.add(String(id));
  return found;
}

function isAfter(event: AuditEvent, before: AuditEvent | undefined): boolean {
  const previous = event.attestation_list[0]!.prev_event;
  return previous?.uid === before?.metadata.uid && previous?.fingerprint?.value === (before && recorded(before));
}

/** One environment serves a request, and makes the id by which its two events find each other. */
function ofTwoChains(events: readonly AuditEvent[]): string[] {
  const requests = events.filter(({ class_uid }) => class_uid !== 6002);
  const isTold = (idOf: (event: AuditEvent) => string | undefined) =>
    [...groupBy(requests, idOf)].some(([id, of]) => id !== undefined && new Set(of.map(chainOf)).size > 1);
  return [
    ...(isTold((event) => event.unmapped.extended_request_id) ? ['a request that two chains tell of'] : []),
    ...(isTold((event) => event.metadata.correlation_uid) ? ['two chains with one correlation_uid'] : []),
    ...(halvesDiffer(requests) ? ['an attempt and an outcome that tell of two requests'] : []),
  ];
}

/** An outcome bears what its attempt tells of who asked for what; other fields depend on what became of the request. */
function halvesDiffer(requests: readonly AuditEvent[]): boolean {
  const told = ({ time, actor, http_request: http, src_endpoint, unmapped, api }: AuditEvent) =>
    canonical([time, actor, http?.http_method, http?.url?.path, src_endpoint?.ip, unmapped.extended_request_id, unmapped.invocation_uid, api?.request]);
  return [...groupBy(requests, (event) => `${chainOf(event)} ${event.metadata.correlation_uid}`).values()].some(
    (of) => new Set(of.map(told)).size > 1,
  );
} // prettier-ignore

function withEdge(
  chains: ReadonlyMap<string, readonly AuditEvent[]>,
  records: readonly EdgeRecord[],
  excused: ReadonlySet<string>,
): string[] {
  const found: string[] = [];
  const byId = groupBy(records, (record) => record.extended_request_id!);
  const hours = new Set(records.map((record) => hourPath(Number(record.request_time_epoch))));
  const told = new Set<string>();
  for (const copies of byId.values()) if (new Set(copies.map(canonical)).size > 1) found.push('two records of one request');
  for (const chain of chains.values()) {
    const requests = chain.filter(({ class_uid }) => class_uid === 6003);
    const last = requests.filter((event) => isWitnessed(event, byId)).at(-1);
    for (const event of requests) {
      const id = String(event.unmapped.extended_request_id);
      told.add(id);
      const record = byId.get(id)?.[0];
      if (record !== undefined) found.push(...disagreements(event, record));
      else if (!hours.has(hourPath(event.time))) found.push('an hour without edge log');
      else if (last === undefined || last.metadata.sequence < event.metadata.sequence) found.push('an event without a record'); // prettier-ignore
    }
  }
  for (const [id, [record]] of byId) {
    if (record!.function_status !== '-' && record!.error_response_type === '-' && !told.has(id) && !excused.has(id)) {
      found.push('an answered request without an event');
    }
  }
  return found;
} // prettier-ignore

function isWitnessed(event: AuditEvent, byId: ReadonlyMap<string, readonly EdgeRecord[]>): boolean {
  const record = byId.get(String(event.unmapped.extended_request_id))?.[0];
  return record !== undefined && disagreements(event, record).length === 0;
}

function disagreements(event: AuditEvent, record: EdgeRecord): string[] {
  const differ = (what: string, a: unknown, b: unknown) =>
    a === undefined || b === undefined || b === '-' || a === b ? [] : [`the edge log’s ${what}`];
  const isAnswer = event.unmapped.phase === 'outcome' && record.integration_error === '-' && record.error_response_type === '-'; // prettier-ignore
  const bare = record.path!.replace(new RegExp(`^/${record.stage}(?=/)`), '');
  return [
    ...(record.integration_status === '-' && record.status === '403' ? ['a request that the edge refused'] : []),
    ...differ('method', event.http_request?.http_method, record.method),
    ...differ('path', event.http_request?.url?.path, bare),
    ...differ('source address', event.src_endpoint?.ip, record.source_ip),
    ...differ('request id', event.api?.request?.uid, record.request_id),
    ...differ('invocation', event.unmapped.invocation_uid, record.integration_request_id),
    ...(isAnswer ? differ('status', event.status_code, record.function_status) : []),
    ...(Math.abs(event.time - Number(record.request_time_epoch)) > 5_000 ? ['the edge log’s time'] : []),
  ];
}

function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item]);
  return groups;
}

export function chainOf(event: AuditEvent): string {
  return event.attestation_list[0]!.chain_uid;
}

export function recorded(event: AuditEvent): string | undefined {
  return event.attestation_list[0]!.fingerprint.value;
}

/** RFC 8785 for what events hold: strings, integers, booleans, objects and arrays. */
function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const fields = Object.entries(value).filter(([, inner]) => inner !== undefined);
  return `{${fields.sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, inner]) => `${JSON.stringify(name)}:${canonical(inner)}`).join(',')}}`;
} // prettier-ignore

function fingerprint(event: AuditEvent): string {
  const attestation_list = event.attestation_list.map(({ fingerprint: _, ...rest }) => rest);
  return createHash('sha256').update(canonical({ ...event, attestation_list })).digest('hex'); // prettier-ignore
}

function hourPath(time: number): string {
  const iso = new Date(time).toISOString();
  return `dt=${iso.slice(0, 10)}/hour=${iso.slice(11, 13)}`;
}
