import net from 'node:net';
import { TrinoSQL } from 'dt-sql-parser';
import fc from 'fast-check';
import { beforeAll, afterAll, describe, expect, it } from 'vitest';
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { addressCondition } from '../../bin/query/address-condition';
import { openLocalTrail, type LocalTrail } from '../../bin/query/duckdb-queries';
import { eventsQuery, FilterError, type EventsFilter } from '../../bin/query/events-filter';
import { Chain } from '../../lib/event/chain';
import { sealRequest, type SampleRequest } from '../support/sample-events';
import { writeObject } from '../support/sample-trail';

const NOW = Date.UTC(2026, 10, 24, 12);
const HOUR = 3_600_000;

/** Named by their path's last segment. */
const REQUESTS: Partial<SampleRequest>[] = [
  { path: '/orders/a', who: 'alice', ip: '10.1.2.3', status: 200, time: NOW - 1 * HOUR },
  { path: '/orders/b', who: 'alan', ip: '10.200.0.1', status: 201, method: 'POST', time: NOW - 2 * HOUR },
  { path: '/users/c', who: 'bob', ip: '192.168.0.1', status: 404, service: 'users', time: NOW - 26 * HOUR },
  {
    path: '/users/d',
    who: 'a_c%',
    ip: '2001:db8::1',
    status: 502,
    service: 'users',
    method: 'DELETE',
    time: NOW - 50 * HOUR,
  },
  { path: '/Orders/e', who: 'abc', ip: '2001:DB8:0:1::', status: 403, time: NOW },
];

let dir: string;
let trail: LocalTrail;

beforeAll(async () => {
  dir = await mkdtemp(path.join(os.tmpdir(), 'trail-'));
  const chain = new Chain('writer-1');
  for (const [i, request] of REQUESTS.entries()) {
    await writeObject(
      dir,
      `${i}`,
      sealRequest(chain, request).map(({ event }) => event),
    );
  }
  trail = await openLocalTrail(dir);
});

afterAll(async () => {
  await trail.close();
  await rm(dir, { recursive: true, force: true });
});

/** The last path segments of what is found, in order. */
async function found(filter: Partial<EventsFilter>): Promise<string> {
  const { sql, parameters } = eventsQuery({ limit: '50', ...filter }, NOW);
  const { columns, rows } = await trail.run(sql, parameters);
  return rows.map((row) => String(row[columns.indexOf('path')]).slice(-1)).join('');
}

describe('eventsQuery', () => {
  it.each<[Partial<EventsFilter>, string]>([
    [{}, 'eabcd'],
    [{ limit: '2' }, 'ea'],
    [{ who: 'alice' }, 'a'],
    [{ who: 'al*' }, 'ab'],
    [{ who: 'Alice' }, ''],
    [{ who: 'a_c%' }, 'd'],
    [{ who: 'a_c*' }, 'd'],
    [{ what: 'get' }, 'eac'],
    [{ what: 'Delete' }, 'd'],
    [{ what: 'post /orders' }, 'b'],
    [{ what: '/orders/*' }, 'ab'],
    [{ what: 'GET /orders/*' }, 'a'],
    [{ what: '/users/c' }, 'c'],
    [{ where: '10.1.2.3' }, 'a'],
    [{ where: '10.1.*' }, 'a'],
    [{ where: '10.0.0.0/8' }, 'ab'],
    [{ where: '10.0.0.0/9' }, 'a'],
    [{ where: '0.0.0.0/0' }, 'abc'],
    [{ where: '::/0' }, 'ed'],
    [{ where: '2001:0DB8::0001' }, 'd'],
    [{ where: '2001:db8::/64' }, 'd'],
    [{ where: '2001:db8::/32' }, 'ed'],
    [{ where: '2001:db8:*' }, 'ed'],
    [{ service: 'users' }, 'cd'],
    [{ service: 'u*' }, 'cd'],
    [{ result: 'success' }, 'ab'],
    [{ result: 'Failure' }, 'ecd'],
    [{ result: 'unknown' }, ''],
    [{ result: '404' }, 'c'],
    [{ result: '4xx' }, 'ec'],
    [{ result: '5XX' }, 'd'],
    [{ result: 'allowed' }, 'eabcd'],
    [{ result: 'blocked' }, ''],
    [{ since: '90m' }, 'ea'],
    [{ since: '2026-11-23', until: '2026-11-23' }, 'c'],
    [{ since: '2026-11-24T10:00Z', until: '2026-11-24T11:00Z' }, 'ab'],
    [{ until: '1d' }, 'cd'],
    [{ who: 'a*', service: 'orders', result: '2xx' }, 'ab'],
    [{ who: `' OR 1 = 1 --` }, ''],
  ])('%j', async (filter, expected) => {
    expect(await found(filter)).toBe(expected);
  });

  it.each<[Partial<EventsFilter>, RegExp]>([
    [{ who: '' }, /^--who is empty/],
    [{ where: 'home' }, /^--where "home" is no address: give one \(10\.1\.2\.3/],
    [{ where: '10.0.0.0/33' }, /^--where "10\.0\.0\.0\/33" is no address/],
    [{ where: '::ffff:10.0.0.1' }, /is no address/],
    [{ where: '10.0.0.0/8/8' }, /is no address/],
    [{ result: '600' }, /^--result "600" is unknown: give success, failure or unknown/],
    [{ since: 'yesterday' }, /^--since "yesterday" is no time: give ISO 8601/],
    [{ until: '2026-02-30' }, /^--until "2026-02-30" is no time/],
    [{ since: '1h', until: '2h' }, /^--since "1h" is after --until "2h"$/],
    [{ limit: '0' }, /^--limit "0" must be a whole number/],
    [{ limit: '1; DROP' }, /^--limit "1; DROP" must be/],
  ])('refuses %j', (filter, message) => {
    const query = () => eventsQuery({ limit: '50', ...filter }, NOW);
    expect(query).toThrow(FilterError);
    expect(query).toThrow(message);
  });

  it('is SQL that Athena accepts as well', () => {
    const everything = { who: 'a*', what: 'GET', service: 's', result: '4xx', since: '2h', until: '1h', limit: '5' };
    const trino = new TrinoSQL();
    for (const where of ['10.0.0.1', '10.0.0.0/8', '10.*', '2001:db8::/32']) {
      expect(trino.validate(eventsQuery({ ...everything, where }, NOW).sql)).toEqual([]);
    }
  });

  it('never puts a value into the statement', () => {
    const { sql, parameters } = eventsQuery({ who: 'alice', what: 'x*', where: '10.1.2.3', limit: '50' }, NOW);
    expect(sql).not.toMatch(/alice|x%|10\.1\.2\.3/);
    expect(parameters).toEqual(expect.arrayContaining(['alice', 'x%', '10.1.2.3']));
  });
});

describe('networks', () => {
  const ipv4 = fc.ipV4();
  // No IPv4 tail: the record has none.
  const ipv6 = fc.ipV6().filter((address) => !address.includes('.'));

  it.each([
    ['ipv4', ipv4, 32],
    ['ipv6', ipv6, 128],
  ] as const)('hold the same %s addresses as Node’s BlockList says', async (family, addresses, width) => {
    const random = fc.sample(fc.tuple(addresses, addresses, fc.integer({ min: 0, max: width - 1 })), {
      numRuns: 300,
      seed: 7,
    });
    // Random addresses hardly ever share a network: half of them are asked for their own.
    const cases = random.map(([address, other, bits], i) => ({
      address,
      bits,
      network: i % 2 === 0 ? address : other,
    }));
    const conditions = cases.map(({ network, bits }) => addressCondition('"ip"', `${network}/${bits}`)!);
    // All conditions are the same text; only the bounds differ.
    const sql = conditions[0]!.sql.replace('?', '"first"').replace('?', '"last"');
    const rows = cases.map(({ address }, i) => {
      const [first, last] = conditions[i]!.parameters;
      return family === 'ipv4'
        ? `(${i}, '${address}', ${first}, ${last})`
        : `(${i}, '${address}', '${first}', '${last}')`;
    });
    const answer = await trail.run(
      `SELECT coalesce(${sql}, false) FROM (VALUES ${rows.join(', ')}) AS t (i, "ip", "first", "last") ORDER BY i`,
    );

    const expected = cases.map(({ address, network, bits }) => {
      const list = new net.BlockList();
      list.addSubnet(network, bits, family);
      return list.check(address, family);
    });
    expect(answer.rows.map(([inside]) => inside)).toEqual(expected);
    expect(new Set(expected)).toEqual(new Set([true, false]));
  });
});
