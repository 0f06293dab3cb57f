import { describe, expect, it, vi } from 'vitest';
import { resolveRoute } from '../../lib/routing/route';
import { RouteTable } from '../../lib/routing/route-table';

function tableOf(...paths: string[]): RouteTable {
  return new RouteTable(paths.map((path) => resolveRoute({ path, upstream: 'http://a' })));
}

const TABLE = tableOf('/', '/orders', '/orders/archive', '/v1/a.b~c-d_e');

describe('a route takes', () => {
  it.each([
    ['/', '/'],
    ['/else', '/'],
    ['/orders', '/orders'],
    ['/orders/', '/orders'],
    ['/orders/7', '/orders'],
    ['/orders/7/items//3/', '/orders'],
    ['/orders2', '/'],
    ['/order', '/'],
    ['/Orders', '/'],
    ['/orders/archive', '/orders/archive'],
    ['/orders/archive/7', '/orders/archive'],
    ['/orders/archived', '/orders'],
    ['/orders;v=1', '/'],
    ['/x/orders', '/'],
    ['/v1/a.b~c-d_e/x', '/v1/a.b~c-d_e'],
    ['/v1', '/'],
  ])('%s: %s', (path, route) => {
    expect(TABLE.match(path)?.path).toBe(route);
  });

  it.each([
    ['/%6Frders/7', '/orders'],
    ['/%6frders', '/orders'],
    ['/%6F%72%64%65%72%73', '/orders'],
    ['/orders/%61rchive', '/orders/archive'],
    ['/v1/a%2Eb%7Ec%2Dd%5Fe', '/v1/a.b~c-d_e'],
    ['/orders%2Farchive', '/'],
    ['/orders%2F7', '/'],
    ['/%256Frders', '/'],
    ['/%zzorders', '/'],
    ['/orders%', '/'],
  ])('the spelling of %s: %s', (path, route) => {
    expect(TABLE.match(path)?.path).toBe(route);
  });

  it.each(['', '*', 'orders', 'http://a/orders'])('nothing that is no path: %j', (path) => {
    expect(TABLE.match(path)).toBeUndefined();
  });

  it('nothing where no prefix fits', () => {
    expect(tableOf('/orders').match('/')).toBeUndefined();
    expect(tableOf('/orders').match('/else/x')).toBeUndefined();
    expect(tableOf().match('/orders')).toBeUndefined();
  });

  it('nothing by a name of Object.prototype', () => {
    expect(tableOf('/orders').match('/constructor')).toBeUndefined();
    expect(tableOf('/orders').match('/__proto__')).toBeUndefined();
  });

  it.each(['/a'.repeat(5_000), '/'.repeat(10_000), '/orders/archive' + '/a'.repeat(5_000)])(
    'a path of very many segments with few look-ups',
    (path) => {
      const lookUps = vi.spyOn(Map.prototype, 'get');
      TABLE.match(path);
      const { length } = lookUps.mock.calls;
      lookUps.mockRestore();
      expect(length).toBeLessThan(20);
    },
  );
});

it('two routes cannot have the same path', () => {
  expect(() => tableOf('/a', '/b', '/a')).toThrow('two routes have the path "/a"');
});

it('finds a route in the same time among ten and among two thousand', () => {
  const few = tableOf(...Array.from({ length: 10 }, (_, n) => `/service-${n}`));
  const many = tableOf(...Array.from({ length: 2_000 }, (_, n) => `/service-${n}`));
  const time = (table: RouteTable) => {
    const start = performance.now();
    for (let n = 0; n < 20_000; n += 1) table.match(`/service-${n % 10}/a/b/c`);
    return performance.now() - start;
  };
  const best = (table: RouteTable) => Math.min(...Array.from({ length: 7 }, () => time(table)));
  // A walk over all routes would take a hundred times as long.
  expect(best(many) / best(few)).toBeLessThan(5);
});
