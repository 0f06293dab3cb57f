import path from 'node:path';
import { EDGE_STREAM_PREFIX } from '../../lib/edge-log/stream';
import { GATEWAY_SECRET_VARIABLE, gatewaySecretHash, newGatewaySecret } from '../../lib/routing/gateway-secret';
import type { Route } from '../../lib/routing/route';
import type { AuditProxyConfig } from '../config/config';
import { loadConfig } from '../config/load-config';
import { prepareDataFolder } from './data-folder';
import { DeliveryProcess } from './delivery-process';
import { EdgeJournal } from './edge-log/edge-journal';
import { EdgeLogWriter } from './edge-log/edge-log-writer';
import { httpApi } from './gateway/http-api/http-api';
import { restApi } from './gateway/rest-api/rest-api';
import { startGateway, type Gateway } from './gateway/server';
import { packageRoot } from './package-root';
import { PrintedEvents } from './printed-events';
import { ProxyFunctions, STREAMING_CONCURRENCY, type ProxyFunctionsOptions } from './proxy-functions';
import { defaultConcurrency } from './runtime/pool';
import { SealerProcess } from './sealer-process';
import type { SampleService } from './sample-services/json-service';
import { startSampleServices } from './sample-services/sample-services';
import { reasonOf, StartError } from './start-error';

/** Name of the first delivery stream; further ones have their number behind it. */
export const STREAM = 'audit-events';

/** Name of the edge log's delivery stream. */
export const EDGE_STREAM = `${EDGE_STREAM_PREFIX}edge`;

export type PayloadVersion = 'v1' | 'v2';

export interface PipelineOptions {
  /**
   * The config file.
   *
   * @default the package's own `audit-proxy.json`, with its sample services
   */
  readonly configFile?: string;
  /** Folder of the trail; made if it is missing. */
  readonly dataFolder: string;
  /** Port of the gateway on 127.0.0.1; 0 takes a free one. */
  readonly port: number;
  /**
   * Which events the function gets: those of a REST API (v1) or of an HTTP API (v2).
   *
   * @default that of the config's `api.type`
   */
  readonly payload?: PayloadVersion;
  /**
   * How many requests the function can serve at once, besides those whose answers are streamed.
   *
   * @default the number of processors, at least 2 and at most 4
   */
  readonly concurrency?: number;
  /**
   * Takes what happens while the pipeline runs and people should know, one line each.
   *
   * @default lines on stderr
   */
  readonly warn?: (line: string) => void;
}

/** A running pipeline: gateway, function environments, delivery stream, sealer, and perhaps sample services. */
export interface Pipeline {
  /** Base URL of the gateway. */
  readonly url: string;
  readonly config: AuditProxyConfig;
  /** The routes as they are: where a sample service had to take another port, its route followed. */
  readonly routes: readonly Route[];
  /** Names of the sample services that run. */
  readonly samples: readonly string[];
  /** Absolute. */
  readonly dataFolder: string;
  readonly payload: PayloadVersion;
  readonly concurrency: number;
  /** How many answers can be streamed at once; 0 where none is streamed. */
  readonly streamingConcurrency: number;
  readonly deliveryPort: number;
  /** The public key of the ledger over the trail, as verifiers pin it. */
  readonly vkey: string;
  /**
   * How many events were printed on stderr so far, as neither a sink nor the function's log took them. What was printed
   * brings them into the trail (`audit-proxy recover`).
   */
  readonly printedEvents: () => number;
  /**
   * Takes no more requests, answers those under way (answers that are being streamed have two seconds to come to their end,
   * then they are broken off), lets the environments write their closing events, has everything
   * delivered that was recorded, and everything sealed that was delivered.
   *
   * @returns whether all was delivered that the delivery stream had acknowledged; what was not stays in the write-ahead log
   * for the next start. Events that no sink took are elsewhere: in the function's log, or printed. Records of the edge
   * log that the delivery stream did not take are told, and follow at the next start. What is not sealed is told, and sealed at the next start.
   */
  stop(): Promise<boolean>;
}

/**
 * Starts the whole pipeline on this machine.
 *
 * @throws ConfigError for a config that is wrong; StartError for whatever else is in the way (a taken port, a folder
 * that cannot be written, another pipeline on it). Nothing is left running then.
 */
export async function startPipeline(options: PipelineOptions): Promise<Pipeline> {
  const starter = new Starter(options);
  try {
    return await starter.start();
  } catch (error) {
    await starter.stop();
    throw error;
  }
}

class Starter {
  private services: readonly SampleService[] = [];
  private delivery: DeliveryProcess | undefined;
  private sealer: SealerProcess | undefined;
  private functions: ProxyFunctions | undefined;
  private edgeLog: EdgeLogWriter | undefined;
  private gateway: Gateway | undefined;
  /** By it the function knows what comes from this gateway. It is kept nowhere, and another one at the next start. */
  private readonly gatewaySecret = newGatewaySecret();

  private readonly warn: (line: string) => void;
  private readonly printed: PrintedEvents;

  constructor(private readonly options: PipelineOptions) {
    this.warn = options.warn ?? ((line) => void process.stderr.write(`audit-proxy: ${line}\n`));
    this.printed = new PrintedEvents((text) => void process.stderr.write(text), this.warn);
  }

  async start(): Promise<Pipeline> {
    const { configFile } = this.options;
    const config = loadConfig(configFile ?? path.join(packageRoot(), 'audit-proxy.json'));
    const dataFolder = await prepareDataFolder(this.options.dataFolder);
    const streams = streamNames(config.recording.streams);
    const delivery = await this.startDelivery(dataFolder, streams);
    const sealer = await this.startSealer(dataFolder);
    const routes = configFile === undefined ? await this.startSamples(config.routes) : config.routes;
    const concurrency = this.options.concurrency ?? defaultConcurrency();
    const payload = this.options.payload ?? (config.api.type === 'HTTP' ? 'v2' : 'v1');
    const functions = await this.startFunctions({
      config,
      routes,
      streams,
      dataFolder,
      deliveryPort: delivery.port,
      concurrency,
      onUnlogged: this.printed.take,
      canStream: payload === 'v1',
      gatewaySecretHash: gatewaySecretHash(this.gatewaySecret),
    });
    const gateway = await this.startGateway(functions, payload, config, { dataFolder, deliveryPort: delivery.port });
    return {
      url: gateway.url,
      config,
      routes,
      samples: this.services.map(({ name }) => name),
      dataFolder,
      payload,
      concurrency,
      streamingConcurrency: functions.streaming === undefined ? 0 : STREAMING_CONCURRENCY,
      deliveryPort: delivery.port,
      vkey: sealer.vkey,
      printedEvents: () => this.printed.count,
      stop: () => this.stop(),
    };
  }

  /** From the front to the back: each part finishes what it took before the one behind it stops. */
  async stop(): Promise<boolean> {
    await this.gateway?.stop();
    await this.edgeLog?.close();
    await this.functions?.stop();
    const delivered = (await this.delivery?.stop()) ?? true;
    const sealed = (await this.sealer?.stop()) ?? true;
    if (!sealed) this.warn('not all of the trail is sealed; the rest follows at the next start');
    await Promise.all(this.services.map((service) => service.stop()));
    return delivered;
  }

  private async startDelivery(dataFolder: string, streams: readonly string[]): Promise<DeliveryProcess> {
    const program = path.join(packageRoot(), 'dist', 'bin', 'local', 'delivery', 'main.js');
    try {
      this.delivery = await DeliveryProcess.start({
        program,
        dataFolder,
        streams: [...streams, EDGE_STREAM],
        warn: this.warn,
      });
      return this.delivery;
    } catch (error) {
      const reason = reasonOf(error);
      throw new StartError(
        reason.endsWith('is in use by another process')
          ? `the data folder ${dataFolder} is in use by another pipeline: stop that one, or choose another with --data`
          : `the delivery stream cannot work in the data folder ${dataFolder}: ${reason}`,
      );
    }
  }

  private async startSealer(dataFolder: string): Promise<SealerProcess> {
    const program = path.join(packageRoot(), 'dist', 'lambda', 'sealer-local', 'index.mjs');
    try {
      this.sealer = await SealerProcess.start({ program, dataFolder, warn: this.warn });
      return this.sealer;
    } catch (error) {
      throw new StartError(`the sealer cannot work in the data folder ${dataFolder}: ${reasonOf(error)}`);
    }
  }

  private async startSamples(routes: readonly Route[]): Promise<readonly Route[]> {
    const started = await startSampleServices(routes);
    this.services = started.services;
    return started.routes;
  }

  private async startFunctions(options: ProxyFunctionsOptions): Promise<ProxyFunctions> {
    try {
      this.functions = await ProxyFunctions.start(options);
      return this.functions;
    } catch (error) {
      throw new StartError(`the proxy function does not start: ${reasonOf(error)}`);
    }
  }

  private async startGateway(
    { buffered, streaming }: ProxyFunctions,
    payload: PayloadVersion,
    config: AuditProxyConfig,
    { dataFolder, deliveryPort }: { readonly dataFolder: string; readonly deliveryPort: number },
  ): Promise<Gateway> {
    const { port } = this.options;
    const api = payload === 'v1' ? restApi : httpApi;
    const edgeLog = new EdgeLogWriter({
      port: deliveryPort,
      stream: EDGE_STREAM,
      kept: openJournal(dataFolder),
      warn: this.warn,
    });
    this.edgeLog = edgeLog;
    try {
      this.gateway = await startGateway({
        api,
        functions: buffered,
        ...(streaming && { streaming }),
        callers: config.local.callers,
        stageVariables: { [GATEWAY_SECRET_VARIABLE]: this.gatewaySecret },
        port,
        edgeLog,
      });
      return this.gateway;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EADDRINUSE') throw new StartError(`port ${port} is taken: choose another with --port`);
      if (code === 'EACCES') throw new StartError(`port ${port} may not be used: choose another with --port`);
      throw error;
    }
  }
}

/** @throws StartError */
function openJournal(dataFolder: string): ReturnType<typeof EdgeJournal.open> {
  try {
    return EdgeJournal.open(dataFolder);
  } catch (error) {
    throw new StartError(`the edge log cannot be written in the data folder ${dataFolder}: ${reasonOf(error)}`);
  }
}

/** Another count leaves the streams before it as they are. */
function streamNames(count: number): string[] {
  return Array.from({ length: count }, (_, index) => (index === 0 ? STREAM : `${STREAM}-${index}`));
}
