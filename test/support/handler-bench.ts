import { randomUUID } from 'node:crypto';
import type { APIGatewayProxyResult } from 'aws-lambda';
import { expect, vi } from 'vitest';
import { AfterResponse } from '../../lambda/proxy/after-response';
import type { Assertions } from '../../lambda/proxy/assertion/assertions';
import { createHandler, type ProxyHandler } from '../../lambda/proxy/handler';
import { createStreamingHandler, type StreamingHandler } from '../../lambda/proxy/streaming-handler';
import type { Privacy } from '../../lambda/proxy/privacy/privacy';
import { Passages } from '../../lambda/proxy/passages';
import type { Gate } from '../../lambda/proxy/policy/gate';
import { systemClock } from '../../lambda/recorder/clock';
import { Recorder } from '../../lambda/recorder/recorder';
import type { UidsAndClock } from '../../lib/event/build';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { resolveRoute, type Route, type RouteInput } from '../../lib/routing/route';
import { FAKE_AWS_LAMBDA, FakeCaller } from './fake-caller';
import { FakeSink, type Fault } from './fake-sink';
import { GATEWAY_SECRET_HASHES, invocation, restEvent } from './gateway-events';

/** An extension that holds or not, and counts the invocations that it was told are done. */
export class FakeExtension {
  done = 0;
  constructor(readonly holds: boolean) {}
  invocationDone(): void {
    this.done += 1;
  }
}

export interface Bench {
  readonly handler: ProxyHandler;
  readonly streamingHandler: StreamingHandler;
  readonly sink: FakeSink;
  readonly extension: FakeExtension;
  readonly lastResort: { readonly sealed: SealedEvent; readonly reason: string }[];
  readonly chain: Chain;
  /** Waits until all work after the response is done. */
  settled(invocations?: number): Promise<void>;
}

export interface BenchChoices {
  readonly faults?: readonly Fault[];
  readonly holds?: boolean;
  readonly totalLimitMs?: number;
  readonly maxBodyBytes?: number;
  readonly uidsAndClock?: UidsAndClock;
  readonly chain?: Chain;
  readonly assertions?: Assertions;
  readonly gate?: Gate;
  readonly privacy?: (routes: readonly Route[]) => Privacy;
}

export function bench(routes: readonly RouteInput[], choices: BenchChoices = {}): Bench {
  const sink = new FakeSink(...(choices.faults ?? []));
  const extension = new FakeExtension(choices.holds ?? true);
  const lastResort: Bench['lastResort'][number][] = [];
  const chain = choices.chain ?? new Chain('chain-1');
  const recorder = new Recorder({
    chain,
    sink,
    lastResort: (sealed, reason) => void lastResort.push({ sealed, reason }),
    totalLimitMs: choices.totalLimitMs ?? 2_000,
    clock: systemClock,
  });
  const resolved = routes.map(resolveRoute);
  const passages = new Passages({
    settings: {
      routes: resolved,
      deliveryStreams: ['fake'],
      fallbackBucket: 'fake',
      hedgeDelayMs: 250,
      recordingLimitMs: choices.totalLimitMs ?? 2_000,
      provider: 'local',
      maxBodyBytes: choices.maxBodyBytes ?? 1_000_000,
      gatewaySecretHashes: GATEWAY_SECRET_HASHES,
    },
    recorder,
    afterResponse: new AfterResponse(extension),
    assertions: choices.assertions,
    gate: choices.gate,
    privacy: choices.privacy?.(resolved),
    writer: { provider: 'local', productVersion: '0.0.0', environment: 'environment-1' },
    uidsAndClock: choices.uidsAndClock ?? { uid: randomUUID, now: Date.now },
  });
  const handler = createHandler(passages);
  const streamingHandler = createStreamingHandler(passages, FAKE_AWS_LAMBDA);
  const settled = (invocations = 1) => vi.waitFor(() => expect(extension.done).toBe(invocations));
  return { handler, streamingHandler, sink, extension, lastResort, chain, settled };
}

export type Result = APIGatewayProxyResult;

export function invoke(handler: ProxyHandler, event: unknown = restEvent(), remainingMs?: number): Promise<Result> {
  return handler(event, invocation(remainingMs)) as Promise<Result>;
}

/** An invocation whose answer is streamed. */
export interface Streaming {
  readonly caller: FakeCaller;
  /** Resolves when the handler is done: to nothing, or to why it failed. */
  readonly done: Promise<unknown>;
}

export function stream(
  { streamingHandler }: Bench,
  event: unknown = restEvent(),
  caller = new FakeCaller(),
  remainingMs = 900_000,
): Streaming {
  const done = streamingHandler(event, caller, invocation(remainingMs)).then(
    () => undefined,
    (error: unknown) => error,
  );
  return { caller, done };
}
