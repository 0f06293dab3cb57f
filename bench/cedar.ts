import { execFileSync } from 'node:child_process';
import path from 'node:path';

/**
 * What Cedar policies add to a cold start, and to a request: processes are started one after the other, with the engine and
 * without it, and each says how long it took. Told are lower quartiles, since whatever else runs only makes things slower.
 */

const RUNS = Number(process.argv[2] ?? 15);
const ENGINE = path.resolve('dist/lambda/cedar/cedar/cedar_wasm.js');

/** A policy over a group and a network, as a text of one file. */
const POLICIES =
  'permit(principal in Audit::Group::"buyers", action == Audit::Action::"GET", resource) when { context.ip.isInRange(ip("10.0.0.0/8")) };';

const PROGRAM = `
const started = performance.now();
const engine = require(${JSON.stringify(ENGINE)});
const loaded = performance.now();
engine.preparsePolicySet('v', { staticPolicies: { a: ${JSON.stringify(POLICIES)} } });
const call = {
  principal: { type: 'Audit::User', id: 'u' }, action: { type: 'Audit::Action', id: 'GET' },
  resource: { type: 'Audit::Resource', id: '/orders/7' }, preparsedPolicySetId: 'v',
  context: { ip: { __extn: { fn: 'ip', arg: '10.1.2.3' } } },
  entities: [{ uid: { type: 'Audit::User', id: 'u' }, attrs: {}, parents: [{ type: 'Audit::Group', id: 'buyers' }] }],
};
const { response } = engine.statefulIsAuthorized(call);
if (response.decision !== 'allow') throw new Error('the policy must allow');
const first = performance.now();
for (let n = 0; n < 2000; n += 1) engine.statefulIsAuthorized(call);
const each = (performance.now() - first) / 2000;
process.stdout.write(JSON.stringify({ load: loaded - started, first: first - loaded, each, rss: process.memoryUsage().rss }));
`;
const EMPTY = 'process.stdout.write(JSON.stringify({ rss: process.memoryUsage().rss }))';

const runs = Array.from({ length: RUNS }, () => ({ cedar: run(PROGRAM), empty: run(EMPTY) }));
const told = {
  'load the engine, ms': quartile(runs.map(({ cedar }) => cedar.load ?? 0)),
  'parse policies and decide once, ms': quartile(runs.map(({ cedar }) => cedar.first ?? 0)),
  'decide, each further time, ms': quartile(runs.map(({ cedar }) => cedar.each ?? 0)),
  'memory more, MiB': quartile(runs.map(({ cedar, empty }) => (cedar.rss - empty.rss) / 2 ** 20)),
};
for (const [what, value] of Object.entries(told)) process.stdout.write(`${what.padEnd(36)} ${value.toFixed(3)}\n`);

interface Measured {
  readonly load?: number;
  readonly first?: number;
  readonly each?: number;
  readonly rss: number;
}

function run(program: string): Measured {
  return JSON.parse(execFileSync(process.execPath, ['-e', program], { encoding: 'utf8' })) as Measured;
}

function quartile(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 4)] ?? Number.NaN;
}
