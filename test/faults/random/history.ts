import type { SealedEvent } from '../../../lib/event/chain';
import type { EdgeRecord } from '../../../lib/edge-log/record';
import type { AuditEvent } from '../../../lib/event/schema';
import type { Write } from '../../support/faulty-endpoint';
import type { Seen } from '../client';
import { markerOf, markerOfEvent } from '../marker';
import type { ServiceCall } from '../service';
import type { World } from '../world';
import type { RequestPlan } from './plan';

/** All that is known of one event without asking the product: from the journals of the sinks, and the functions' log. */
export interface KnownEvent {
  readonly uid: string;
  readonly event: AuditEvent;
  readonly chain: string;
  readonly sequence: number;
  /** Undefined for a closing event. */
  readonly marker: string | undefined;
  /** Each copy's bytes. */
  readonly lines: readonly string[];
  /** Step in which a sink first had it for good. */
  readonly persisted: number | undefined;
  /** Step in which a sink first acknowledged it. */
  readonly acknowledged: number | undefined;
  /** Whether it took the last resort. */
  readonly logged: boolean;
}

/** What happened, as client, service, sinks, gateways and the functions' log tell it. */
export interface History {
  readonly plans: readonly RequestPlan[];
  readonly seen: ReadonlyMap<string, Seen>;
  readonly calls: readonly ServiceCall[];
  readonly events: readonly KnownEvent[];
  readonly writes: readonly Write[];
  readonly edge: readonly EdgeRecord[];
  /** Markers of the requests that a function got. */
  readonly invoked: ReadonlySet<string>;
  /** Lines of the last resort that are no event, or of which parts are missing. */
  readonly unreadable: number;
}

/** To be called once all is at its end. */
export async function historyOf(world: World, plans: readonly RequestPlan[]): Promise<History> {
  const { events, broken, incomplete } = await world.lastResort();
  return {
    plans,
    seen: world.seen,
    calls: world.service.calls,
    events: knownEvents(world.writes, events),
    writes: world.writes,
    edge: world.edge,
    invoked: world.invoked,
    unreadable: broken + incomplete,
  };
}

function knownEvents(writes: readonly Write[], logged: readonly SealedEvent[]): KnownEvent[] {
  const copies = new Map<string, { event: AuditEvent; line: string; write?: Write }[]>();
  const add = (uid: string, copy: { event: AuditEvent; line: string; write?: Write }): void => {
    copies.set(uid, [...(copies.get(uid) ?? []), copy]);
  };
  for (const write of writes) add(write.uid, { event: write.event, line: write.line, write });
  for (const { uid, event, line } of logged) add(uid, { event, line });

  return [...copies].map(([uid, all]) => {
    const { event } = all[0]!;
    return {
      uid,
      event,
      chain: event.attestation_list[0]!.chain_uid,
      sequence: event.metadata.sequence,
      marker: markerOfEvent(event),
      lines: all.map(({ line }) => line),
      persisted: first(all.map(({ write }) => write?.persisted)),
      acknowledged: first(all.map(({ write }) => write?.acknowledged)),
      logged: all.some(({ write }) => write === undefined),
    };
  });
}

function first(steps: readonly (number | undefined)[]): number | undefined {
  return steps.reduce((a, b) => (a === undefined ? b : b === undefined ? a : Math.min(a, b)));
}

/** The request that a record of the edge log is about. A REST API has its stage before the path. */
export function markerOfEdge(record: EdgeRecord): string {
  return markerOf(record.path ?? '');
}
