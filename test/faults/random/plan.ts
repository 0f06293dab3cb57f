import { ENDPOINT_FAULTS, type EndpointFault } from '../../support/faulty-endpoint';
import { GUARANTEES, type GuaranteeName } from '../routes';
import type { ServiceBehaviour } from '../service';
import type { KindOfApi } from '../world';
import { Random } from './random';

/** Where the function is killed. `sometime` is so many milliseconds after it got the request. */
export const KILL_STAGES = [
  'invoked',
  'attempt_arrives',
  'attempt_persisted',
  'service_called',
  'service_answers',
  'answered',
  'outcome_arrives',
  'outcome_persisted',
  'sometime',
] as const;
export type KillStage = (typeof KILL_STAGES)[number];

/** One random request, and what goes wrong around it. */
export interface RequestPlan {
  readonly marker: string;
  readonly guarantee: GuaranteeName;
  readonly api: KindOfApi;
  readonly method: 'GET' | 'POST';
  /** Whether the service behind the route refuses connections. */
  readonly serviceIsDown: boolean;
  readonly service: ServiceBehaviour;
  /** Draws what happens to the next event that reaches a sink. */
  readonly drawFault: (sink: 'firehose' | 'bucket') => EndpointFault | undefined;
  /** Milliseconds after which the client goes away. */
  readonly clientLeavesAfterMs?: number;
  readonly kill?: KillStage;
  /** Milliseconds, for `sometime`. */
  readonly killAfterMs: number;
}

/** @param index number of the request; the same seed and number give the same plan */
export function randomPlan(seed: number, index: number): RequestPlan {
  const random = Random.of(seed, index);
  const guarantee = random.oneOf(GUARANTEES);
  return {
    marker: `r${index}`,
    guarantee,
    api: random.oneOf(['restApi', 'httpApi']),
    method: random.oneOf(['GET', 'POST']),
    serviceIsDown: random.chance(0.02),
    service: random.weighted({ answers: 80, slow: 6, crashes: 5, hangs_up: 5, hangs: 2 }),
    drawFault: faultsOf(random),
    ...(random.chance(0.06) && { clientLeavesAfterMs: random.below(60) }),
    ...(random.chance(0.02) && { kill: random.oneOf(KILL_STAGES) }),
    killAfterMs: random.below(80),
  };
}

/** Probability that an event meets a fault, by sink; one of them or all meet the same one. */
const WEATHER = {
  fair: { firehose: 0.01, bucket: 0.01 },
  gusty: { firehose: 0.6, bucket: 0.4 },
  firehose_down: { firehose: 1, bucket: 0.05 },
  all_down: { firehose: 1, bucket: 1 },
} as const;

function faultsOf(random: Random): RequestPlan['drawFault'] {
  const weather = WEATHER[random.weighted({ fair: 55, gusty: 20, firehose_down: 13, all_down: 12 })];
  // An outage is of one kind, flaky sinks are of any.
  const lasting = random.chance(0.5)
    ? { firehose: random.oneOf(ENDPOINT_FAULTS), bucket: random.oneOf(ENDPOINT_FAULTS) }
    : undefined;
  const own = new Random(random.below(2 ** 31));
  return (sink) => {
    const fault = lasting?.[sink] ?? own.oneOf(ENDPOINT_FAULTS);
    return own.chance(weather[sink]) ? fault : undefined;
  };
}
