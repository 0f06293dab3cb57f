import type { Route } from '../../../lib/routing/route';
import { startJsonService, type SampleService } from './json-service';
import { ordersService } from './orders';
import { usersService } from './users';

const SERVICES = { orders: ordersService, users: usersService } as const;

/**
 * Starts a sample service behind each route that names one (`orders`, `users`), on the port of the route's upstream.
 *
 * @returns the services, and the routes with the ports that the services really got.
 */
export async function startSampleServices(
  routes: readonly Route[],
): Promise<{ services: readonly SampleService[]; routes: readonly Route[] }> {
  const services: SampleService[] = [];
  const followed: Route[] = [];
  for (const route of routes) {
    if (!(route.service === 'orders' || route.service === 'users')) {
      followed.push(route);
      continue;
    }
    const upstream = new URL(route.upstream);
    const service = await startJsonService(route.service, Number(upstream.port), SERVICES[route.service]());
    upstream.port = String(service.port);
    services.push(service);
    followed.push({ ...route, upstream: upstream.origin });
  }
  return { services, routes: followed };
}
