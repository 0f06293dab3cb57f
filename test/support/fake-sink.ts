import type { AuditEvent } from '../../lib/event/schema';
import type { SealedEvent } from '../../lib/event/chain';
import { SinkError, type Sink } from '../../lambda/recorder/sink';

/** What happens to one event that is put. */
export type Fault =
  | { readonly kind: 'none' }
  /** Persisted and acknowledged, so much later. */
  | { readonly kind: 'delay'; readonly ms: number }
  /** Refused, not persisted. */
  | { readonly kind: 'fail' }
  /** Refused for good: it will never take this event. */
  | { readonly kind: 'fail-for-good' }
  /** Persisted, but the acknowledgement is lost. */
  | { readonly kind: 'fail-but-persisted' }
  /** Neither answer nor error, ever. */
  | { readonly kind: 'hang' }
  /** Persisted once `until` resolves. */
  | { readonly kind: 'wait'; readonly until: Promise<unknown> };

/** A sink in memory whose faults a test chooses, one by one in the order of the puts; none after the last. */
export class FakeSink implements Sink {
  /** What is durable. */
  readonly persisted: AuditEvent[] = [];
  /** What was put, durable or not, with when (monotonic milliseconds). */
  readonly puts: { readonly event: AuditEvent; readonly line: string; readonly at: number; acknowledgedAt?: number }[] =
    [];
  readonly name: string = 'fake';
  private readonly faults: Fault[];

  constructor(...faults: Fault[]) {
    this.faults = faults;
  }

  /** A sink with a name, for tests with several. */
  static named(name: string, ...faults: Fault[]): FakeSink {
    return Object.assign(new FakeSink(...faults), { name });
  }

  async put(sealed: SealedEvent): Promise<void> {
    const put: FakeSink['puts'][number] = { event: sealed.event, line: sealed.line, at: performance.now() };
    this.puts.push(put);
    await this.suffer(this.faults.shift() ?? { kind: 'none' }, sealed);
    put.acknowledgedAt = performance.now();
  }

  private async suffer(fault: Fault, sealed: SealedEvent): Promise<void> {
    if (fault.kind === 'hang') await new Promise(() => undefined);
    if (fault.kind === 'delay') await new Promise((resolve) => setTimeout(resolve, fault.ms));
    if (fault.kind === 'wait') await fault.until;
    if (fault.kind === 'fail') throw new Error('the fake sink refused');
    if (fault.kind === 'fail-for-good') throw new SinkError('the fake sink will never take it', true);
    // What comes back from a store is what was written, not what is in memory.
    this.persisted.push(JSON.parse(sealed.line) as AuditEvent);
    if (fault.kind === 'fail-but-persisted') throw new Error('the acknowledgement was lost');
  }
}
