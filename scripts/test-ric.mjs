// Runs test/runtime-api under AWS's own runtime interface client for Node.js, the program that feeds functions on Lambda:
//
//     npm run test:ric
//
// It is no dependency of this package, since it compiles a native module (with curl) for some minutes. It is installed
// once, into node_modules/.cache.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '4.0.2';
/** What the build calls, with the Debian package that has it. */
const TOOLS = { cmake: 'cmake', 'g++': 'g++', make: 'make', xz: 'xz-utils', python3: 'python3' };

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
// A version of Node.js each: the native module is compiled for one.
const folder = path.join(root, 'node_modules', '.cache', `aws-lambda-ric-${VERSION}-node${process.versions.modules}`);
const client = path.join(folder, 'node_modules', 'aws-lambda-ric');

function fail(message) {
  process.stderr.write(`test:ric: ${message}\n`);
  process.exit(1);
}

function run(command, args, options) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', ...options });
  if (error !== undefined) fail(`${command} does not start: ${error.message}`);
  return status ?? 1;
}

function checkTools() {
  if (process.platform !== 'linux') fail('the client builds on Linux only');
  const missing = Object.keys(TOOLS).filter((tool) => spawnSync(tool, ['--version']).error !== undefined);
  if (missing.length === 0) return;
  const packages = missing.map((tool) => TOOLS[tool]).join(' ');
  fail(`aws-lambda-ric is compiled, and needs ${missing.join(', ')}. On Debian: apt-get install ${packages}`);
}

async function install() {
  checkTools();
  process.stderr.write(`test:ric: installing aws-lambda-ric@${VERSION}; compiling it takes some minutes\n`);
  // A build that was broken off leaves half of it behind.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = [
    'install',
    '--no-save',
    '--no-audit',
    '--no-fund',
    '--ignore-scripts=false',
    `aws-lambda-ric@${VERSION}`,
  ];
  const status = run('npm', args, { cwd: folder });
  if (status !== 0 || !existsSync(path.join(client, 'rapid-client.node'))) {
    fail(`aws-lambda-ric@${VERSION} could not be installed (npm exited with ${status}); its output is above`);
  }
}

if (!existsSync(path.join(client, 'rapid-client.node'))) await install();

const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const env = { ...process.env, AUDIT_PROXY_TEST_RIC: path.join(client, 'index.mjs') };
process.exit(run(process.execPath, [vitest, 'run', 'test/runtime-api', ...process.argv.slice(2)], { cwd: root, env }));
