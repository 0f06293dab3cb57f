import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { httpApi } from '../../bin/local/gateway/http-api/http-api';
import { restApi } from '../../bin/local/gateway/rest-api/rest-api';
import { startGateway, type Gateway } from '../../bin/local/gateway/server';
import { LastResortReader } from '../../lib/event/last-resort-reader';
import type { EdgeRecord } from '../../lib/edge-log/record';
import type { SealedEvent } from '../../lib/event/chain';
import { encodeSettings, SETTINGS_VARIABLE } from '../../lib/routing/proxy-settings';
import type { Recording } from '../../lib/routing/recording';
import { resolveRoute, type RouteInput } from '../../lib/routing/route';
import { BucketProtocol } from '../support/faulty-bucket';
import { FaultyEndpoint, type Write } from '../support/faulty-endpoint';
import { FirehoseProtocol } from '../support/faulty-firehose';
import { GATEWAY_SECRET_HASHES, STAGE_VARIABLES } from '../support/gateway-events';
import { Steps } from '../support/steps';
import { send, type ClientRequest, type Seen } from './client';
import { Environments } from './environments';
import { markerOfEvent } from './marker';
import { Service } from './service';

export const KINDS_OF_API = { restApi, httpApi } as const;
export type KindOfApi = keyof typeof KINDS_OF_API;

/** Where an environment finds its sinks, where that is not the world's own. */
export type Endpoints = { readonly [sink in 'firehose' | 's3']?: string };

export interface WorldOptions {
  readonly environments: number;
  readonly routes: (service: string) => readonly RouteInput[];
  readonly recording: Recording;
  /** By the number of the environment. */
  readonly endpoints?: (index: number) => Endpoints;
}

/** What the function was told as its secret, by the local runtime. */
const SECRET = 'local';
const BUCKET = 'trail';

/**
 * Everything there is, but for AWS itself: gateways of both kinds, real function processes, sinks, a service and clients.
 * All but the functions live in this process, so that their journals share one order.
 */
export class World {
  readonly steps = new Steps();
  readonly firehose = new FaultyEndpoint(new FirehoseProtocol(), this.steps, SECRET);
  readonly bucket = new FaultyEndpoint(new BucketProtocol(), this.steps, SECRET);
  readonly service = new Service(this.steps);
  /** What the client of each request saw, by marker. */
  readonly seen = new Map<string, Seen>();
  /** What the gateways say of the requests that arrived. */
  readonly edge: EdgeRecord[] = [];
  private functions: Environments | undefined;
  private readonly gateways = new Map<KindOfApi, Gateway>();

  private constructor(private readonly folder: string) {}

  static async start(options: WorldOptions): Promise<World> {
    const world = new World(await mkdtemp(path.join(tmpdir(), 'audit-proxy-faults-')));
    try {
      await world.startAll(options);
      return world;
    } catch (error) {
      await world.stop();
      throw error;
    }
  }

  get environments(): Environments {
    if (this.functions === undefined) throw new Error('the world has not been started');
    return this.functions;
  }

  /** Sends a request whose path ends with its marker. */
  async send(marker: string, request: ClientRequest & { readonly api?: KindOfApi }): Promise<Seen> {
    const { url } = this.gateways.get(request.api ?? 'restApi')!;
    const seen = await send(url, request, this.steps);
    this.seen.set(marker, seen);
    return seen;
  }

  /** Resolves once nothing is under way any more. */
  async settled(): Promise<void> {
    await this.environments.settled();
    await Promise.all([this.firehose.settled(), this.bucket.settled()]);
  }

  /** Markers of the requests that a function got. */
  get invoked(): ReadonlySet<string> {
    return this.environments.invoked;
  }

  /** Whatever arrived at a sink. */
  get writes(): readonly Write[] {
    return [...this.firehose.writes, ...this.bucket.writes];
  }

  /** Writes that a request's events made, by phase. */
  writesOf(marker: string, phase: 'attempt' | 'outcome'): Write[] {
    return this.writes.filter(({ event }) => markerOfEvent(event) === marker && event.unmapped.phase === phase);
  }

  /** Events that stand on the functions' log, as the product reads them back. */
  async lastResort(): Promise<{ events: SealedEvent[]; broken: number; incomplete: number }> {
    const reader = new LastResortReader();
    const events: SealedEvent[] = [];
    let broken = 0;
    for (const line of (await readFile(this.logFile, 'utf8')).split('\n')) {
      const read = reader.add(line);
      events.push(...read.events);
      broken += read.broken.length;
    }
    return { events, broken, incomplete: reader.incomplete().length };
  }

  /** Ends gateways and functions, from the front to the back: the environments write their closing events. */
  async end(): Promise<void> {
    await Promise.all([...this.gateways.values()].map((gateway) => gateway.stop()));
    this.gateways.clear();
    await this.functions?.stop();
    await Promise.all([this.firehose.settled(), this.bucket.settled()]);
  }

  /** Ends everything, and leaves nothing behind. */
  async stop(): Promise<void> {
    await this.end();
    this.service.stop();
    this.firehose.stop();
    this.bucket.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  get logFile(): string {
    return path.join(this.folder, 'function.log');
  }

  private async startAll({ environments, routes, recording, endpoints }: WorldOptions): Promise<void> {
    await Promise.all([this.firehose.start(), this.bucket.start(), this.service.start()]);
    const settings = encodeSettings({
      routes: routes(this.service.url).map(resolveRoute),
      deliveryStreams: Array.from({ length: recording.streams }, (_, i) => `events-${i}`),
      fallbackBucket: BUCKET,
      hedgeDelayMs: recording.hedgeDelayMs,
      recordingLimitMs: recording.limitMs,
      provider: 'local',
      maxBodyBytes: 64 * 1024,
      gatewaySecretHashes: GATEWAY_SECRET_HASHES,
    });
    const variables = (index: number): Record<string, string> => {
      const { firehose = this.firehose.url, s3 = this.bucket.url } = endpoints?.(index) ?? {};
      return { [SETTINGS_VARIABLE]: settings, AWS_ENDPOINT_URL_FIREHOSE: firehose, AWS_ENDPOINT_URL_S3: s3 };
    };
    this.functions = await Environments.start({ count: environments, variables, logFile: this.logFile });
    for (const [kind, api] of Object.entries(KINDS_OF_API) as [KindOfApi, typeof restApi][]) {
      const edgeLog = { write: (record: EdgeRecord) => void this.edge.push(record) };
      const gateway = await startGateway({
        api,
        functions: this.functions,
        callers: {},
        stageVariables: STAGE_VARIABLES,
        port: 0,
        edgeLog,
      });
      this.gateways.set(kind, gateway);
    }
  }
}
