import { fork } from 'node:child_process';
import { once } from 'node:events';
import { stat } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { build } from 'esbuild';
import { whenAndWhere } from './measured/machine';
import { median, percentile } from './measured/percentile';
import type { Measured } from './sender/contender';

/**
 * What it costs to put records into Firehose: the AWS SDK's client, and AWS's signer alone with node:http, which is what
 * the function does. Both bundled and minified, against a server on this machine.
 *
 *     npm run bench:sender
 */
const CONTENDERS = ['sdk', 'signer'] as const;
const ROUNDS = 15;

async function main(): Promise<void> {
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.end('{"RecordId":"1","Encrypted":false}'));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const bundles = new Map<string, { file: string; kilobytes: number; runs: Measured[] }>();
  for (const name of CONTENDERS) bundles.set(name, { ...(await bundle(name)), runs: [] });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const { file, runs } of bundles.values()) runs.push(await run(file, endpoint));
  }
  server.close();
  server.closeAllConnections();

  process.stdout.write(
    `${whenAndWhere()}\n\n| | bundle | load and first record | processor time a record |\n| --- | ---: | ---: | ---: |\n`,
  );
  for (const [name, { kilobytes, runs }] of bundles) {
    // The lower quartile: whatever disturbs a start makes it longer.
    const first = percentile(runs.map(({ firstMs }) => firstMs), 0.25); // prettier-ignore
    const each = median(runs.map(({ recordUs }) => recordUs));
    process.stdout.write(`| ${name} | ${kilobytes.toFixed(0)} KB | ${first.toFixed(0)} ms | ${each.toFixed(0)} µs |\n`);
  }
}

async function bundle(name: string): Promise<{ file: string; kilobytes: number }> {
  const file = `dist/bench/sender-${name}.mjs`;
  await build({
    entryPoints: [`bench/sender/${name}.ts`],
    outfile: file,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import{createRequire}from'node:module';const require=createRequire(import.meta.url);" },
  });
  return { file, kilobytes: (await stat(file)).size / 1000 };
}

async function run(file: string, endpoint: string): Promise<Measured> {
  const child = fork(file, {
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      AWS_ENDPOINT_URL_FIREHOSE: endpoint,
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'id',
      AWS_SECRET_ACCESS_KEY: 'secret',
    },
  });
  const [measured] = (await once(child, 'message')) as [Measured];
  return measured;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
