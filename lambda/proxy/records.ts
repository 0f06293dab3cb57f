import { attemptDraft, outcomeDraft, type UidsAndClock } from '../../lib/event/build';
import type { EventDraft, SealedEvent } from '../../lib/event/chain';
import type { Destination, OutcomeFacts } from '../../lib/event/request-facts';
import type { Recorded, Recorder } from '../recorder/recorder';
import type { Upstream } from './forward/upstream';
import type { Passage } from './passage';
import type { Message, Privacy } from './privacy/privacy';
import { recordingTimeMs } from './time-limits';

export interface RecordsOptions {
  readonly recorder: Recorder;
  /** What routes say of what is recorded; undefined where none says anything. */
  readonly privacy: Privacy | undefined;
  /** Longest time that recording may hold a request, in milliseconds. */
  readonly recordingLimitMs: number;
  readonly uidsAndClock: UidsAndClock;
}

/** Makes attempts and outcomes of requests, and has them recorded in the time that their invocations have left. */
export class Records {
  constructor(private readonly options: RecordsOptions) {}

  /** Seals the attempt, so that it has its place in the chain. @throws TypeError if it cannot be sealed */
  sealAttempt({ facts, writer }: Passage, upstream: Upstream): SealedEvent {
    const { recorder, uidsAndClock } = this.options;
    return recorder.seal(attemptDraft(facts, this.destinationOf(upstream), writer, uidsAndClock));
  }

  outcomeOf(
    { facts, writer }: Passage,
    upstream: Upstream | undefined,
    outcome: Omit<OutcomeFacts, 'endTime'>,
  ): EventDraft {
    const { uidsAndClock } = this.options;
    const ended = { ...outcome, endTime: uidsAndClock.now() };
    return outcomeDraft(facts, upstream && this.destinationOf(upstream), ended, writer, uidsAndClock);
  }

  write({ context }: Passage, sealed: SealedEvent): Promise<Recorded> {
    return this.options.recorder.write(sealed, recordingTimeMs(context));
  }

  /** With the bodies, where the route captures them. */
  async writeOutcome(
    passage: Passage,
    upstream: Upstream | undefined,
    outcome: EventDraft,
    answer: Message,
  ): Promise<Recorded> {
    const { recorder, privacy, recordingLimitMs } = this.options;
    let whole = outcome;
    if (privacy !== undefined && upstream !== undefined) {
      // Half of what is left is for the event itself.
      const limitMs = Math.min(recordingLimitMs, recordingTimeMs(passage.context) / 2);
      whole = await privacy.withBodies(outcome, upstream.route, passage.request, answer, limitMs);
    }
    return this.write(passage, recorder.seal(whole));
  }

  /** Whether the bodies of a route's answers are captured. */
  capturesAnswers({ route }: Upstream): boolean {
    return this.options.privacy?.capturesAnswers(route) ?? false;
  }

  private destinationOf({ route, hostname, port }: Upstream): Destination {
    const rules = this.options.privacy?.fieldRules(route);
    return { routePath: route.path, service: route.service, guarantee: route.guarantee, hostname, port, rules };
  }
}
