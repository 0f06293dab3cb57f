import { EDGE_PREFIX, EVENTS_PREFIX, partitionOf, partitionPath } from '../../../lib/event/keys';
import type { AuditEvent } from '../../../lib/event/schema';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import type { Random } from '../../faults/random/random';
import { restRecord } from '../../support/edge-record';
import type { TrailObject } from '../../verify/truthful/trail';
import { resealed } from '../tools';
import { byId, chainIn, changeRecords, eventsIn, recordsIn, relinked, renumbered, replaceEvents } from './edits';
import { chainOf } from './oracle';

/** A trail that is not sealed yet. Attacks change it; objects that they add can come while the sealer runs. */
export interface Target {
  readonly objects: TrailObject[];
  /** Added once the others were sealed. */
  readonly added: TrailObject[];
  readonly random: Random;
  /** No other trail has it. */
  readonly id: () => string;
}

/** @returns false where the trail has nothing of the kind */
export type Attack = (target: Target) => boolean;

const all = ({ objects, added }: Target) => [...objects, ...added];

type Edit = (event: AuditEvent) => AuditEvent;

/** What may be made of an event: fields that the edge log knows, and others. */
const EDITS: Readonly<Record<string, Edit>> = {
  method: (event) => ({ ...event, http_request: { ...event.http_request!, http_method: 'DELETE' } }),
  path: (event) => ({ ...event, http_request: { ...event.http_request!, url: { path: '/elsewhere' } } }),
  address: (event) => ({ ...event, src_endpoint: { ip: '198.51.100.1' } }),
  status: (event) => ({ ...event, status_code: '403', api: { ...event.api!, response: { code: 403 } } }),
  who: (event) => ({ ...event, actor: { user: { name: 'mallory', uid: 'mallory' } } }),
  operation: (event) => ({ ...event, api: { ...event.api!, operation: 'GET /elsewhere' } }),
  'request id': (event) => ({ ...event, api: { ...event.api!, request: { uid: 'another' } } }),
  'user agent': (event) => ({ ...event, http_request: { ...event.http_request!, user_agent: 'wget' } }),
  'time, a minute': (event) => ({ ...event, time: event.time - (event.time % 3_600_000) + ((event.time + 60_000) % 3_600_000) }),
  'time, an hour': (event) => ({ ...event, time: event.time + 3_600_000 }),
  severity: (event) => ({ ...event, severity_id: 99, severity: 'Other' }),
  phase: (event) => ({ ...event, unmapped: { ...event.unmapped, phase: 'zzz' } }) as unknown as AuditEvent,
  class: (event) => ({ ...event, class_uid: 6004 }) as unknown as AuditEvent,
  'no phase': (event) => ({ ...event, unmapped: { ...event.unmapped, phase: undefined } }) as unknown as AuditEvent,
}; // prettier-ignore

/** Changes a field of one event of a request, or of both, and makes fingerprints and links fit, or not. */
const editEvents: Attack = (target) => {
  const { random } = target;
  const requests = eventsIn(all(target)).filter(({ class_uid }) => class_uid === 6003);
  if (requests.length === 0) return false;
  const one = random.oneOf(requests);
  const [, edit] = random.oneOf(Object.entries(EDITS));
  const both = random.chance(0.5);
  const edited = (event: AuditEvent) => event.metadata.uid === one.metadata.uid || (both && event.metadata.correlation_uid === one.metadata.correlation_uid); // prettier-ignore
  const chain = chainIn(all(target), chainOf(one)).map((event) => (edited(event) ? edit(event) : event));
  const repair = random.weighted({ none: 1, fingerprint: 1, 'next links': 1, chain: 2, 'chain and names': 3 });
  if (repair === 'none') replaceEvents(all(target), byId(chain.filter(edited)));
  else if (repair === 'fingerprint') replaceEvents(all(target), byId(chain.filter(edited).map(resealed)));
  else if (repair === 'next links') {
    // Only as far as the next event: those after it name what it was.
    const to = chain.length - [...chain].reverse().findIndex(edited) + 1;
    replaceEvents(all(target), byId(relinked(chain.slice(0, to), true)));
  } else replaceEvents(all(target), byId(relinked(chain, repair === 'chain and names')));
  return true;
};

/** Changes one copy of an event that was delivered twice, or adds a changed copy. */
const changeOneCopy: Attack = (target) => {
  const events = eventsIn(target.objects);
  if (events.length === 0) return false;
  const event = target.random.oneOf(events);
  const changed = { ...event, severity_id: 99, severity: 'Other' } as AuditEvent;
  target.added.push(objectOf(target, [target.random.chance(0.7) ? resealed(changed) : event]));
  return true;
};

/** Takes events out: one, a request, the end of a chain, a chain; with their records or not; and closes the gap or not. */
const removeEvents: Attack = (target) => {
  const { random } = target;
  const events = eventsIn(all(target));
  if (events.length === 0) return false;
  const one = random.oneOf(events);
  const chain = chainIn(all(target), chainOf(one));
  const what = random.weighted({ one: 2, request: 2, tail: 2, chain: 1 });
  const gone = chain.filter(
    (event) =>
      event === one ||
      what === 'chain' ||
      (what === 'request' && event.metadata.correlation_uid === one.metadata.correlation_uid) ||
      (what === 'tail' && event.metadata.sequence > one.metadata.sequence),
  );
  replaceEvents(all(target), new Map(gone.map(({ metadata: { uid } }) => [uid, undefined])));
  const rest = chain.filter((event) => !gone.includes(event));
  const closed = random.weighted({ open: 2, closed: 2, excused: 1 });
  if (closed === 'closed') replaceEvents(all(target), byId(relinked(renumbered(rest), random.chance(0.5))));
  if (closed === 'excused') excuse(target, rest, gone);
  if (random.chance(0.5)) for (const { unmapped } of gone) changeRecords(all(target), unmapped.extended_request_id, () => []);
  return true;
}; // prettier-ignore

/** Has the next event of the chain name the missing ones as unconfirmed, as an honest writer would. */
function excuse(target: Target, rest: readonly AuditEvent[], gone: readonly AuditEvent[]): void {
  const at = rest.findIndex(({ metadata }) => metadata.sequence > gone.at(-1)!.metadata.sequence);
  if (at < 0) return;
  const names = gone.map(({ metadata: { uid }, attestation_list, unmapped: { extended_request_id } }) => ({
    uid,
    fingerprint: attestation_list[0]!.fingerprint.value!,
    ...(extended_request_id !== undefined && { extended_request_id }),
  }));
  const naming = rest.map((event, i) =>
    i === at
      ? { ...event, unmapped: { ...event.unmapped, unconfirmed: [...(event.unmapped.unconfirmed ?? []), ...names] } }
      : event,
  );
  replaceEvents(all(target), byId(relinked(naming, true)));
}

/** Adds a request that never came: in a chain of its own, behind another chain's end, or in the middle of one. */
const forgeRequest: Attack = (target) => {
  const { random } = target;
  const requests = eventsIn(all(target)).filter(({ class_uid }) => class_uid === 6003);
  if (requests.length === 0) return false;
  const like = random.oneOf(requests);
  const count = 1 + random.below(8);
  const forgeries = Array.from({ length: count }, () => forgery(target, like));
  const where = random.weighted({ 'new chain': 2, end: 1, middle: 2 });
  const chain = where === 'new chain' ? [] : chainIn(all(target), chainOf(like));
  const at = where === 'middle' ? random.below(chain.length) : chain.length;
  const uid = where === 'new chain' ? target.id() : chainOf(like);
  const whole = [...chain.slice(0, at), ...forgeries, ...chain.slice(at)].map((event) => ({
    ...event,
    attestation_list: [{ ...event.attestation_list[0]!, chain_uid: uid }],
  }));
  const honest = new Set(chain.map(({ metadata }) => metadata.uid));
  const linked = relinked(renumbered(whole), random.chance(0.8));
  replaceEvents(all(target), byId(linked.filter(({ metadata }) => honest.has(metadata.uid))));
  target.added.push(objectOf(target, linked.filter(({ metadata }) => !honest.has(metadata.uid)))); // prettier-ignore
  return true;
};

/** An outcome like that of another request, with an id of a request that is known, refused or nowhere. */
function forgery(target: Target, like: AuditEvent): AuditEvent {
  const { random, id } = target;
  const records = recordsIn(target.objects);
  const ids = random.weighted({ none: 4, record: 1, known: 1, refused: 1 });
  let extended = id();
  if (ids === 'known') extended = random.oneOf(eventsIn(target.objects)).unmapped.extended_request_id ?? extended;
  if (ids === 'refused') extended = records.find(({ status }) => status === '403')?.extended_request_id ?? extended;
  const event: AuditEvent = {
    ...like,
    actor: { user: { name: 'victim', uid: 'victim' } },
    metadata: { ...like.metadata, uid: id(), correlation_uid: random.chance(0.1) ? like.metadata.correlation_uid : id() },
    unmapped: { ...like.unmapped, extended_request_id: extended, unconfirmed: undefined },
  };
  if (ids === 'record') target.added.push(recordObject(target, recordOf(event)));
  return event;
} // prettier-ignore

/** What the edge log would say of it. */
function recordOf(event: AuditEvent): EdgeRecord {
  return restRecord(0, {
    request_id: event.api!.request!.uid!,
    extended_request_id: event.unmapped.extended_request_id!,
    request_time_epoch: String(event.time),
    path: `/prod${event.http_request!.url!.path}`,
    integration_request_id: '-',
    function_status: event.status_code ?? '200',
  });
}

const CHANGES: readonly EdgeRecord[] = [
  { status: '403', integration_status: '-', function_status: '-', integration_latency: '-', integration_request_id: '-', error_response_type: 'ACCESS_DENIED' },
  { method: 'DELETE' },
  { path: '/prod/elsewhere' },
  { source_ip: '198.51.100.1' },
  { function_status: '418' },
  { request_id: 'another' },
  { response_length: '1' },
]; // prettier-ignore

/** Changes, removes, repeats or adds a record of the edge log. */
const changeEdgeLog: Attack = (target) => {
  const { random } = target;
  const records = recordsIn(all(target));
  if (records.length === 0) return false;
  const one = random.oneOf(records);
  const changed = { ...one, ...random.oneOf(CHANGES) };
  const how = random.weighted({ change: 3, remove: 2, 'remove hour': 1, repeat: 1, 'tell otherwise': 1, add: 1 });
  const id = one.extended_request_id;
  if (how === 'change') changeRecords(all(target), id, () => [changed]);
  else if (how === 'remove') changeRecords(all(target), id, () => []);
  else if (how === 'remove hour') {
    const hour = hourOf(one);
    for (const object of all(target)) object.records = object.records.filter((record) => hourOf(record) !== hour);
  } else {
    const never = { ...restRecord(0), request_time_epoch: one.request_time_epoch!, extended_request_id: target.id() };
    target.added.push(recordObject(target, { repeat: one, 'tell otherwise': changed, add: never }[how]));
  }
  return true;
};

/** Has two events of a chain, or of two chains, change their places. */
const swapEvents: Attack = (target) => {
  const events = eventsIn(all(target));
  if (events.length < 2) return false;
  const [a, b] = [target.random.oneOf(events), target.random.oneOf(events)];
  if (a === b) return false;
  const place = (event: AuditEvent, like: AuditEvent): AuditEvent =>
    resealed({
      ...event,
      metadata: { ...event.metadata, sequence: like.metadata.sequence },
      attestation_list: like.attestation_list,
    });
  replaceEvents(all(target), byId([place(a, b), place(b, a)]));
  return true;
};

/** Puts an object of events or records into another hour of the day. */
const moveObject: Attack = ({ objects, random }) => {
  if (objects.length === 0) return false;
  const at = random.below(objects.length);
  const object = objects[at]!;
  const hour = String(random.below(24)).padStart(2, '0');
  const key = object.key.replace(/hour=\d\d/, `hour=${hour}`);
  if (key === object.key) return false;
  objects[at] = { ...object, key };
  return true;
};

export const ATTACKS: Readonly<Record<string, Attack>> = {
  'edit events': editEvents,
  'change one copy': changeOneCopy,
  'remove events': removeEvents,
  'forge requests': forgeRequest,
  'change the edge log': changeEdgeLog,
  'swap events': swapEvents,
  'move an object': moveObject,
};

const hourOf = (record: EdgeRecord) => partitionPath(partitionOf(Number(record.request_time_epoch)));

function objectOf({ id }: Target, events: AuditEvent[]): TrailObject {
  return { key: `${EVENTS_PREFIX}${partitionPath(partitionOf(events[0]!.time))}${id()}.parquet`, events, records: [] };
}

function recordObject({ id }: Target, record: EdgeRecord): TrailObject {
  return { key: `${EDGE_PREFIX}${hourOf(record)}${id()}.parquet`, events: [], records: [record] };
}
