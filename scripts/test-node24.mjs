// Runs the tests of the function and of the CLI on Node.js 24, on which the function runs on AWS:
//
//     npm run test:node24
//
// npm has Node.js itself as a package for each platform. It is no dependency, and is installed once, into
// node_modules/.cache; where npm does not serve it, the tests are skipped and a line on stderr says so.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSION = '24.21.0';
const TESTS = ['proxy', 'recorder', 'runtime-api', 'conformance', 'commands'].map((room) => `test/${room}/`);

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const folder = path.join(root, 'node_modules', '.cache', `${name}-${VERSION}`);
const node = path.join(folder, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** Why Node.js 24 cannot be had, or undefined. */
async function install() {
  if (existsSync(node)) return undefined;
  await mkdir(folder, { recursive: true });
  await writeFile(path.join(folder, 'package.json'), '{ "private": true }\n');
  const args = ['install', '--no-save', '--no-audit', '--no-fund', `${name}@${VERSION}`];
  const { status, stderr, error } = spawnSync('npm', args, { cwd: folder, encoding: 'utf8' });
  if (existsSync(node)) return undefined;
  return error?.message ?? `npm exited with ${status}: ${stderr.trim()}`;
}

if (Number(process.versions.node.split('.')[0]) >= 24) {
  process.stderr.write(`test:node24: nothing to do, npm test runs on Node.js ${process.versions.node} itself\n`);
  process.exit(0);
}
const missing = await install();
if (missing !== undefined) {
  process.stderr.write(`test:node24: SKIPPED, ${name}@${VERSION} could not be installed: ${missing}\n`);
  process.exit(0);
}
const vitest = path.join(root, 'node_modules', 'vitest', 'vitest.mjs');
const tests = process.argv.length > 2 ? process.argv.slice(2) : TESTS;
const { status, error } = spawnSync(node, [vitest, 'run', ...tests], { cwd: root, stdio: 'inherit' });
if (error !== undefined) process.stderr.write(`test:node24: ${error.message}\n`);
process.exit(status ?? 1);
