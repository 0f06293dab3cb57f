import { randomUUID } from 'node:crypto';
import { closingDraft } from '../../lib/event/build';
import { Chain } from '../../lib/event/chain';
import { version } from '../../package.json';
import { systemClock } from '../recorder/clock';
import { LambdaExtension } from '../recorder/lambda-extension';
import { writeLastResort } from '../recorder/last-resort';
import { Recorder } from '../recorder/recorder';
import { sinkOf } from '../recorder/sinks';
import { AfterResponse } from './after-response';
import { createHandler } from './handler';
import { Passages } from './passages';
import { sharedReads } from './secrets/shared-reads';
import { loadSettings } from './settings/load-settings';
import { createStreamingHandler } from './streaming-handler';
import { awsLambda } from './streaming/aws-lambda';

/** An internal extension has 500 ms from SIGTERM to SIGKILL. */
const CLOSING_LIMIT_MS = 400;

const settings = await loadSettings(process.env);
const uidsAndClock = { uid: randomUUID, now: Date.now };
const writer = {
  provider: settings.provider,
  region: process.env.AWS_REGION,
  functionName: process.env.AWS_LAMBDA_FUNCTION_NAME,
  productVersion: version,
  environment: process.env.AWS_LAMBDA_LOG_STREAM_NAME,
};

const chain = new Chain(randomUUID());
const recorder = new Recorder({
  chain,
  sink: sinkOf(settings, process.env, systemClock, Math.random),
  lastResort: (sealed, reason) => writeLastResort(sealed, reason, (line) => process.stdout.write(line)),
  totalLimitMs: settings.recordingLimitMs,
  clock: systemClock,
});

// Registration must be done before the runtime asks for the first invocation, hence the top-level await.
const extension = await LambdaExtension.register(process.env.AWS_LAMBDA_RUNTIME_API);

process.once('SIGTERM', () => {
  if (chain.length > 0) void recorder.write(recorder.seal(closingDraft(writer, uidsAndClock)));
  void recorder.end(CLOSING_LIMIT_MS).finally(() => process.exit(0));
});

/** Loaded only where it is used: the signer is a quarter of the bundle. */
async function assertionsOf({ assertion }: typeof settings) {
  if (assertion === undefined) return undefined;
  const [{ Assertions }, { readSecret }] = await Promise.all([
    import('./assertion/assertions'),
    import('./secrets/read-secret'),
  ]);
  return new Assertions(assertion, readSecret);
}

/** Loaded only where a route asks for it. */
async function privacyOf(all: typeof settings) {
  if (all.routes.every(({ record }) => record === undefined)) return undefined;
  const { loadPrivacy } = await import('./privacy/load-privacy');
  return loadPrivacy(all, process.env);
}

/** Loaded only where there are rules. */
async function gateOf({ policy }: typeof settings) {
  return policy && (await import('./policy/load-gate')).loadGate(policy);
}

const passages = new Passages({
  settings,
  recorder,
  afterResponse: new AfterResponse(extension),
  assertions: await assertionsOf(settings),
  privacy: await privacyOf(settings),
  readSecret: sharedReads(async (id) => (await import('./secrets/read-secret')).readSecret(id)),
  gate: await gateOf(settings),
  writer,
  uidsAndClock,
});

// An environment runs one of the two. Both know all routes, and each answers in its own way whatever comes.
export const handler = createHandler(passages);
const lambda = awsLambda();
/** Undefined where the runtime cannot stream. */
export const streamingHandler = lambda?.streamifyResponse(createStreamingHandler(passages, lambda));
