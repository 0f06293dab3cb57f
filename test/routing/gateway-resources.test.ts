import { describe, expect, it } from 'vitest';
import { gatewayResourceOf, gatewayResources } from '../../lib/routing/gateway-resources';
import { resolveRoute } from '../../lib/routing/route';

const upstream = 'http://service.internal';
const routesOf = (...paths: string[]) =>
  paths.map((path) => resolveRoute({ path: path.replace('*', ''), upstream, streaming: path.endsWith('*') }));
const resourcesOf = (...paths: string[]) =>
  gatewayResources(routesOf(...paths)).map(({ path, streaming }) => (streaming ? `${path}*` : path));

describe('gatewayResources', () => {
  it('makes none but the root where nothing streams, or all does', () => {
    expect(resourcesOf('/orders', '/orders/new', '/users')).toEqual(['/']);
    expect(resourcesOf('/*', '/orders*')).toEqual(['/*']);
  });

  it('makes one where a route streams otherwise than its parent', () => {
    expect(resourcesOf('/orders', '/events*')).toEqual(['/', '/events*']);
    expect(resourcesOf('/events*', '/events/admin', '/events/admin/log*')).toEqual([
      '/',
      '/events*',
      '/events/admin',
      '/events/admin/log*',
    ]);
    expect(resourcesOf('/events*', '/events/more*')).toEqual(['/', '/events*']);
    expect(resourcesOf('/*', '/orders')).toEqual(['/*', '/orders']);
  });

  it('makes one of every segment above it, which streams as its own route says', () => {
    expect(resourcesOf('/v1/b/c*', '/v1')).toEqual(['/', '/v1', '/v1/b', '/v1/b/c*']);
    expect(resourcesOf('/*', '/v1/b/c')).toEqual(['/*', '/v1*', '/v1/b*', '/v1/b/c']);
  });
});

describe('gatewayResourceOf', () => {
  const resources = gatewayResources(routesOf('/orders', '/events*', '/events/admin', '/v1/b/c*'));
  it.each([
    ['/', '/'],
    ['/orders/7', '/'],
    ['/events', '/events'],
    ['/events/', '/events'],
    ['/events/7/x', '/events'],
    ['/events/admin', '/events/admin'],
    ['/events/administrators', '/events'],
    ['/events2', '/'],
    ['/%65vents', '/'],
    ['/v1/b', '/v1/b'],
    ['/v1/x', '/v1'],
    ['/v1/b/c/d', '/v1/b/c'],
  ])('picks for %s the resource %s', (path, resource) => {
    expect(gatewayResourceOf(resources, path)?.path).toBe(resource);
  });
});
