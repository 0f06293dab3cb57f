import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { functionVariables, PROXY_FUNCTION, STREAMING_FUNCTION } from '../../bin/local/runtime/function-variables';
import { encodeSettings, SETTINGS_VARIABLE, type ProxySettings } from '../../lib/routing/proxy-settings';
import { resolveRoute, type RouteInput } from '../../lib/routing/route';
import { afterTest } from '../support/after-test';
import { GATEWAY_SECRET_HASHES } from '../support/gateway-events';
import { startService } from '../support/services';
import { Journal } from './journal';
import { Platform, type PlatformOptions } from './platform';
import { Sinks } from './sink';

const DIST = path.join(__dirname, '..', '..', 'dist');
const RIC = process.env['AUDIT_PROXY_TEST_RIC'];

/** What loads the function and feeds it: a small loop of our own, or AWS's runtime interface client for Node.js. */
export const RUNTIME =
  RIC === undefined
    ? { name: 'our own loop', command: [path.join(DIST, 'bin', 'local', 'runtime', 'main.js')], isAws: false }
    : { name: 'aws-lambda-ric', command: [RIC], isAws: true };

export interface EnvironmentOptions extends PlatformOptions {
  /** Folder with the function's index.mjs. Default: the proxy function's bundle. */
  readonly bundle?: string;
  readonly settings?: Partial<ProxySettings>;
  readonly variables?: Readonly<Record<string, string>>;
  /** Runs the function whose answers are streamed, with routes that are. */
  readonly streaming?: boolean;
  /** More of each route. */
  readonly route?: Partial<RouteInput>;
  /** What the service does. Default: it answers the target that it was asked for. */
  readonly respond?: NonNullable<Parameters<typeof startService>[0]>;
}

export interface Environment {
  readonly journal: Journal;
  readonly platform: Platform;
  readonly sinks: Sinks;
  readonly child: ChildProcess;
  /** What the function has printed so far. */
  log(): string;
  /** Uids of the events that took the last resort. */
  lastResorts(): string[];
}

/** One function environment with a service behind it, as far as its first freeze. Everything ends with the test. */
export async function startEnvironment(options: EnvironmentOptions = {}): Promise<Environment> {
  const journal = new Journal();
  const platform = await Platform.start(journal, options);
  const sinks = await Sinks.start(journal);
  const { streaming = false, respond = (request, response) => void response.end(request.target) } = options;
  const service = await startService((request, response) => {
    journal.add('service', journal.running);
    respond(request, response);
  });
  const guarantees = ['BEFORE_FORWARD', 'BEFORE_RESPONSE', 'AFTER_RESPONSE'] as const;
  const settings: ProxySettings = {
    routes: guarantees.map((guarantee) =>
      resolveRoute({ path: `/${guarantee}`, upstream: service.url, guarantee, streaming, ...options.route }),
    ),
    deliveryStreams: ['audit-events'],
    fallbackBucket: 'local-trail',
    hedgeDelayMs: 60_000,
    recordingLimitMs: 2_000,
    provider: 'local',
    maxBodyBytes: 1_000_000,
    gatewaySecretHashes: GATEWAY_SECRET_HASHES,
    ...options.settings,
  };
  const bundle = options.bundle ?? path.join(DIST, 'lambda', 'proxy');
  const child = spawn(process.execPath, RUNTIME.command, {
    env: {
      ...functionVariables(bundle, streaming ? STREAMING_FUNCTION : PROXY_FUNCTION),
      [SETTINGS_VARIABLE]: encodeSettings(settings),
      AWS_ENDPOINT_URL_FIREHOSE: sinks.url,
      AWS_ENDPOINT_URL_S3: sinks.url,
      AWS_LAMBDA_RUNTIME_API: platform.address,
      ...options.variables,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  platform.pid = child.pid ?? 0;
  let log = '';
  child.stdout.on('data', (chunk: Buffer) => (log += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (log += chunk.toString()));
  afterTest(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
    platform.stop();
    sinks.stop();
    await service.stop();
  });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error(`the function ended at its start: ${log}`)));
  await Promise.race([platform.idle(), ended]);
  ended.catch(() => undefined);
  return { journal, platform, sinks, child, log: () => log, lastResorts: () => lastResortsIn(log) };
}

function lastResortsIn(log: string): string[] {
  return [...log.matchAll(/^.*"audit_proxy_last_resort".*$/gm)].map(([line]) => {
    const [, json = '{}'] = /(\{.*\})/.exec(line) ?? [];
    return (JSON.parse(json) as { uid: string }).uid;
  });
}
