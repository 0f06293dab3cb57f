import type { UidsAndClock } from '../../lib/event/build';
import { PROXY_METRICS } from '../../lib/routing/proxy-metrics';
import type { PathReadings } from '../../lib/routing/path-readings';
import type { Route } from '../../lib/routing/route';
import { RouteTable } from '../../lib/routing/route-table';
import { upstreamOf, type Upstream } from './forward/upstream';
import { metricLine } from './metric';

export interface ServicesOptions {
  /** Text of a secret; needed where a route names certificates. */
  readonly readSecret?: (id: string) => Promise<string>;
  readonly functionName: string | undefined;
  readonly clock: Pick<UidsAndClock, 'now'>;
}

/** The services behind the routes, with their connections. */
export class Services {
  private readonly routes: RouteTable;
  private readonly upstreams: ReadonlyMap<string, Upstream>;

  constructor(
    routes: readonly Route[],
    private readonly options: ServicesOptions,
  ) {
    this.routes = new RouteTable(routes);
    this.upstreams = new Map(routes.map((route) => [route.path, this.newUpstream(route)]));
  }

  /** The one that takes a path. @param path percent-encoded */
  at(path: string): Upstream | undefined {
    const route = this.routes.match(path);
    return route && this.upstreams.get(route.path);
  }

  /** Why a path may be meant for another route than that which takes it, if so. */
  strays(path: PathReadings, route: Route): string | undefined {
    return this.routes.strays(path, route);
  }

  private newUpstream(route: Route): Upstream {
    const { readSecret, functionName = 'local', clock } = this.options;
    const upstream = upstreamOf(route, {
      ...(readSecret && { readSecret }),
      onCircuitOpen: () => {
        const { circuitOpened } = PROXY_METRICS;
        process.stdout.write(`${metricLine(circuitOpened, functionName, route.service, clock.now())}\n`);
      },
    });
    // At cold start, not under the first request; what cannot be read now is told, and tried again, there.
    upstream.tls?.agents().catch(() => undefined);
    return upstream;
  }
}
