import { readSealedEvent } from '../../../lib/event/read-sealed';
import type { History, KnownEvent } from './history';
import type { RequestPlan } from './plan';

/** Most events that a writer names in one of its own as unconfirmed. */
const MAX_NAMED = 50;

/** What must hold of a history, whatever the faults. Each says what violates it, one line a case. */
export class Properties {
  private readonly plans: ReadonlyMap<string, RequestPlan>;
  private readonly attempts: ReadonlyMap<string, KnownEvent>;

  constructor(private readonly history: History) {
    this.plans = new Map(history.plans.map((plan) => [plan.marker, plan]));
    this.attempts = new Map(
      history.events
        .filter(({ event }) => event.unmapped.phase === 'attempt')
        .map((event) => [event.marker ?? '', event]),
    );
  }

  /** Under BEFORE_FORWARD no call of the service without a durable attempt. */
  callsBeforeTheirAttempt(): string[] {
    return this.history.calls
      .filter(({ marker }) => this.plan(marker).guarantee === 'before_forward')
      .filter(({ marker, step }) => !this.hasAttemptBy(marker, step))
      .map(({ marker, step }) => this.describe(marker, `called in step ${step}`));
  }

  /** Under BEFORE_RESPONSE no answer without a durable attempt; by default the last resort will do. */
  answersBeforeTheirAttempt(): string[] {
    const violations: string[] = [];
    for (const [marker, { by, step, status, problem }] of this.history.seen) {
      const { guarantee } = this.plan(marker);
      if (guarantee === 'after_response' || by === 'gateway' || by === 'nobody' || problem === 'unrecorded') continue;
      const excused = guarantee === 'before_response' && this.attempts.get(marker)?.logged === true;
      if (!excused && !this.hasAttemptBy(marker, step)) violations.push(this.describe(marker, `${status} by ${by}`));
    }
    return violations;
  }

  /** Who refuses says truly whether the service was called, and only those refuse who may. */
  untrueRefusals(): string[] {
    const called = new Set(this.history.calls.map(({ marker }) => marker));
    const violations: string[] = [];
    for (const [marker, { problem, status, forwarded }] of this.history.seen) {
      const { guarantee } = this.plan(marker);
      if (problem === 'internal_error') violations.push(this.describe(marker, 'internal error'));
      if (problem === undefined) continue;
      if (!forwarded && called.has(marker)) violations.push(this.describe(marker, `${problem}, but called`));
      const mayRefuse = guarantee === 'before_forward' || guarantee === 'before_response_refuse';
      if (problem === 'unrecorded' && !(mayRefuse && status === 503)) violations.push(this.describe(marker, problem));
    }
    return violations;
  }

  /** Every copy of an event is the bytes that its writer sealed. */
  alteredEvents(): string[] {
    const violations: string[] = [];
    for (const { uid, lines } of this.history.events) {
      if (new Set(lines).size > 1) violations.push(`${uid}: copies differ`);
      try {
        readSealedEvent(lines[0]!);
      } catch (error) {
        violations.push(`${uid}: ${String(error)}`);
      }
    }
    return violations;
  }

  /** What took the last resort is named by the writer's next event. */
  unnamedUnconfirmed(): string[] {
    const places = new Map(this.history.events.map((event) => [`${event.chain} ${event.sequence}`, event]));
    return this.history.events
      .filter(({ logged }) => logged)
      .filter(({ uid, chain, sequence }) => {
        const next = places.get(`${chain} ${sequence + 1}`);
        if (next === undefined) return false;
        const names = next.event.unmapped.unconfirmed ?? [];
        return names.length < MAX_NAMED && !names.some((name) => name.uid === uid);
      })
      .map(({ uid, marker }) => this.describe(marker ?? '', `event ${uid} is not named by the next one`));
  }

  /** A writer that lives loses nothing: what no sink took is on its log. One that was killed loses its last event at most. */
  lostByTheLiving(): string[] {
    const chains = new Map<string, KnownEvent[]>();
    for (const event of this.history.events) chains.set(event.chain, [...(chains.get(event.chain) ?? []), event]);
    return [...chains].flatMap(([chain, events]) => {
      events.sort((a, b) => a.sequence - b.sequence);
      return events.flatMap((event, i) => {
        if (event.sequence !== i) return [`chain ${chain}: no trace of what stands before event ${event.sequence}`];
        const isKept = event.persisted !== undefined || event.logged;
        return isKept || i === events.length - 1 ? [] : [`chain ${chain}: event ${event.sequence} is lost`];
      });
    });
  }

  /** The edge log knows every request that a function got. */
  unwitnessed(witnessed: ReadonlySet<string>): string[] {
    return [...this.history.invoked].filter((marker) => !witnessed.has(marker));
  }

  private hasAttemptBy(marker: string, step: number): boolean {
    const { persisted = Infinity, acknowledged = Infinity } = this.attempts.get(marker) ?? {};
    return persisted < step && acknowledged < step;
  }

  private plan(marker: string): RequestPlan {
    return this.plans.get(marker)!;
  }

  private describe(marker: string, what: string): string {
    const { drawFault: _, ...plan } = this.plans.get(marker) ?? {};
    return `${what}: ${JSON.stringify(plan)} ${JSON.stringify(this.history.seen.get(marker))}`;
  }
}
