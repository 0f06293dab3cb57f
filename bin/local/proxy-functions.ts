import path from 'node:path';
import { gatewayResources, type GatewayResource } from '../../lib/routing/gateway-resources';
import { encodeSettings, SETTINGS_VARIABLE } from '../../lib/routing/proxy-settings';
import { needsPseudonyms } from '../../lib/routing/record';
import type { Route } from '../../lib/routing/route';
import type { AuditProxyConfig } from '../config/config';
import { localAssertionKeys } from './assertion-keys';
import { localPolicy } from './local-policy';
import { packageRoot } from './package-root';
import { localPseudonymKey } from './pseudonym-key';
import { STREAMING_FUNCTION } from './runtime/function-variables';
import { FunctionPool, type FunctionPoolOptions } from './runtime/pool';
import { TRAIL_BUCKET } from './trail-bucket';

export interface ProxyFunctionsOptions {
  readonly config: AuditProxyConfig;
  /** The routes as they are. */
  readonly routes: readonly Route[];
  /** Names of the delivery streams. */
  readonly streams: readonly string[];
  readonly dataFolder: string;
  /** Port of the delivery stream on 127.0.0.1. */
  readonly deliveryPort: number;
  /** How many requests are served at once whose answers are not streamed. */
  readonly concurrency: number;
  /** Takes each line of the last resort that the function's log did not take. */
  readonly onUnlogged: (line: string) => void;
  /** Whether the gateway can stream answers. */
  readonly canStream: boolean;
  /** SHA-256 of the secret that the gateway hands the function. */
  readonly gatewaySecretHash: string;
}

/** The most answers that are streamed at once; each takes an environment, a process of some 60 MB, for as long as it lasts. */
export const STREAMING_CONCURRENCY = 16;

/** Lambda's longest, in milliseconds. */
const STREAMING_TIMEOUT_MS = 15 * 60_000;

/** The function for answers that are streamed, and the API's resources, which say where that is. */
export interface StreamingFunction {
  readonly functions: FunctionPool;
  readonly resources: readonly GatewayResource[];
}

/** The proxy function, and the other one of the same bundle, which streams its answers, where a route asks for that. */
export class ProxyFunctions {
  private constructor(
    readonly buffered: FunctionPool,
    readonly streaming: StreamingFunction | undefined,
  ) {}

  /** @throws FunctionError if one does not get through its init phase; none is left running then. */
  static async start(options: ProxyFunctionsOptions): Promise<ProxyFunctions> {
    const common = await poolOptions(options);
    const resources = options.canStream ? gatewayResources(options.routes) : [];
    const starting = [
      FunctionPool.start({ ...common, concurrency: options.concurrency }),
      resources.some(({ streaming }) => streaming) ? startStreaming(common) : Promise.resolve(undefined),
    ] as const;
    try {
      const [buffered, functions] = await Promise.all(starting);
      return new ProxyFunctions(buffered, functions && { functions, resources });
    } catch (error) {
      for (const pool of await Promise.allSettled(starting)) {
        if (pool.status === 'fulfilled') await pool.value?.stop();
      }
      throw error;
    }
  }

  /** Lets everything under way come to its end, and each environment say good-bye. */
  async stop(): Promise<void> {
    await Promise.all([this.buffered.stop(), this.streaming?.functions.stop()]);
  }
}

function startStreaming(common: FunctionPoolOptions): Promise<FunctionPool> {
  return FunctionPool.start({
    ...common,
    function: STREAMING_FUNCTION,
    concurrency: 1,
    maxConcurrency: STREAMING_CONCURRENCY,
    timeoutMs: STREAMING_TIMEOUT_MS,
  });
}

async function poolOptions(options: ProxyFunctionsOptions): Promise<FunctionPoolOptions> {
  const { dataFolder, deliveryPort, onUnlogged } = options;
  const root = packageRoot();
  return {
    bundle: path.join(root, 'dist', 'lambda', 'proxy'),
    runtimeFile: path.join(root, 'dist', 'bin', 'local', 'runtime', 'main.js'),
    variables: {
      [SETTINGS_VARIABLE]: await settingsOf(options),
      AWS_ENDPOINT_URL_FIREHOSE: `http://127.0.0.1:${deliveryPort}`,
      AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${deliveryPort}`,
    },
    logFolder: dataFolder,
    onUnlogged,
  };
}

async function settingsOf(options: ProxyFunctionsOptions): Promise<string> {
  const { config, routes, streams, dataFolder, gatewaySecretHash } = options;
  const hasPseudonyms = routes.some(({ record }) => record !== undefined && needsPseudonyms(record));
  return encodeSettings({
    routes,
    deliveryStreams: streams,
    fallbackBucket: TRAIL_BUCKET,
    hedgeDelayMs: config.recording.hedgeDelayMs,
    recordingLimitMs: config.recording.limitMs,
    provider: 'local',
    maxBodyBytes: config.maxBodyBytes,
    claimNames: config.claimNames,
    policy: config.policy && localPolicy(config.policy),
    assertion: config.assertion && { ...config.assertion, keys: await localAssertionKeys(dataFolder) },
    pseudonymKey: hasPseudonyms ? await localPseudonymKey(dataFolder) : undefined,
    gatewaySecretHashes: [gatewaySecretHash],
  });
}
