import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/**
 * Runs every attack at full count, and prints what found each: 2,000 random attacks on trails (and as many honest trails), the
 * hand-made ones of test/attacks, and the suites that attack the proxy.
 *
 * usage: npm run test:attacks; AUDIT_PROXY_ATTACKS and the other counts below can be set, and AUDIT_PROXY_SEED
 */
const COUNTS = {
  AUDIT_PROXY_ATTACKS: '2000',
  AUDIT_PROXY_TRUTHFUL_TRAILS: '200',
  AUDIT_PROXY_RAW_CONNECTIONS: '10000',
  AUDIT_PROXY_FORGED_INVOCATIONS: '1000',
};

const SUITES = [
  'test/attacks', 'test/verify/truthful', 'test/local/gateway', 'test/conformance', 'test/policy/paths',
  'test/e2e/random-leaks', 'test/e2e/nothing-leaks', 'test/proxy/forward', 'test/proxy/incoming', 'test/query/foreign-files',
]; // prettier-ignore

const dir = mkdtempSync(path.join(os.tmpdir(), 'attacks-'));
const [results, random] = ['results.json', 'random.jsonl'].map((name) => path.join(dir, name));
try {
  const env = { ...COUNTS, ...process.env, AUDIT_PROXY_ATTACKS_TABLE: random };
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${results}`];
  const { status } = spawnSync('npx', ['vitest', 'run', ...reporters, ...SUITES], { stdio: 'inherit', env });
  printSuites(JSON.parse(readFileSync(results, 'utf8')));
  printRandom(readFileSync(random, 'utf8'));
  process.exitCode = status ?? 1;
} finally {
  rmSync(dir, { recursive: true, force: true });
}

/** Tests by file. What each attack is found by, or refused as, stands in the tests' titles. */
function printSuites({ testResults }) {
  console.log('\n| attacks in | held | failed |\n| --- | --- | --- |');
  for (const { name, assertionResults } of testResults) {
    const count = (status) => assertionResults.filter((test) => test.status === status).length;
    console.log(`| ${path.relative('.', name)} | ${count('passed')} | ${count('failed')} |`);
  }
}

/** Random attacks by class: how many left something that contradicts them, how many were found, and as what. */
function printRandom(lines) {
  const classes = new Map();
  for (const line of lines.trim().split('\n')) {
    const { what, couldBeFound, codes } = JSON.parse(line);
    const row = classes.get(what) ?? { count: 0, could: 0, found: 0, codes: new Map() };
    row.count += 1;
    row.could += Number(couldBeFound);
    row.found += Number(couldBeFound && codes.length > 0);
    for (const code of codes) row.codes.set(code, (row.codes.get(code) ?? 0) + 1);
    classes.set(what, row);
  }
  console.log(
    '\n| random attack | trails | could be found | of these found | codes |\n| --- | --- | --- | --- | --- |',
  );
  for (const [what, { count, could, found, codes }] of [...classes].sort()) {
    const sorted = [...codes].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code} ${times}`);
    console.log(`| ${what} | ${count} | ${could} | ${found} | ${sorted.join(', ')} |`);
  }
}
