// Runs test/lock against servers of S3 that hold what a test's own server only pretends to:
//
//     npm run test:lock
//
// A real Object Lock: Ceph's radosgw, started here, or any S3 at AUDIT_PROXY_LOCK_ENDPOINT, with credentials from where AWS's
// own tools take them. There it makes a bucket, whose objects nobody can delete for a day.
// Conditional writes: moto's server, started here, or any S3 at AUDIT_PROXY_CONDITIONS_ENDPOINT.
// Neither has both. What is not there is skipped, and said so.
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { startVitest } from 'vitest/node';
import { startCeph, whyNoCeph } from './lock/ceph.mjs';
import { startMoto, whyNoMoto } from './lock/moto.mjs';
import { Programs } from './lock/programs.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');

const SUITES = [
  { name: 'lock', endpoint: process.env.AUDIT_PROXY_LOCK_ENDPOINT, whyNot: whyNoCeph, start: startCeph },
  { name: 'conditions', endpoint: process.env.AUDIT_PROXY_CONDITIONS_ENDPOINT, whyNot: whyNoMoto, start: startMoto },
];

const say = (line) => process.stderr.write(`test:lock: ${line}\n`);

/** @returns whether the tests passed; undefined if they were skipped */
async function runSuite({ name, endpoint, whyNot, start }) {
  const reason = endpoint === undefined ? whyNot() : undefined;
  if (reason !== undefined) {
    say(`SKIPPED ${name}: ${reason}`);
    return undefined;
  }
  const folder = await mkdtemp(path.join(os.tmpdir(), 'lock-'));
  const programs = new Programs(folder);
  try {
    const server = endpoint === undefined ? await start(programs, folder) : { endpoint, name: endpoint };
    say(`${name}: against ${server.name}`);
    return await passes(name, server);
  } finally {
    await programs.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function passes(name, { endpoint, accessKeyId, secretAccessKey }) {
  const env = {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: process.env.AWS_REGION ?? 'us-east-1',
    ...(accessKeyId && { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey }),
  };
  // Not among the tests of `npm test`, which need nothing but this package.
  const options = { root, include: [`test/lock/${name}.live.ts`], watch: false, env, testTimeout: 120_000 };
  const vitest = await startVitest('test', [], options);
  await vitest.close();
  return vitest.state.getCountOfFailedTests() === 0 && vitest.state.getUnhandledErrors().length === 0 && process.exitCode !== 1; // prettier-ignore
}

// A signal ends the programs too: they are of this process's group.
const results = [];
for (const suite of SUITES) results.push([suite.name, await runSuite(suite)]);
for (const [name, passed] of results)
  say(`${name}: ${passed === undefined ? 'SKIPPED' : passed ? 'passed' : 'FAILED'}`);
process.exitCode = results.some(([, passed]) => passed === false) ? 1 : 0;
