import { execFile, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  createReadStream,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/**
 * Has tools that are not ours check a trail of the local pipeline: Tessera's fsck and Go's own tlog and note (scripts/fsck;
 * skipped where Go or its modules cannot be had), and openssl by docs/evidence/check.sh. Then damages the ledger, and
 * expects each of them to fail.
 *
 * usage: npm run test:fsck
 */
const CLI = path.resolve('dist/bin/audit-proxy.js');
const REQUESTS = 20;
/** More than a tile holds, so that the ledger has full and partial ones. */
const OBJECTS = 300;
/** How long a tool may take. */
const LIMIT_MS = 10_000;

const dir = mkdtempSync(path.join(os.tmpdir(), 'fsck-'));
const data = path.join(dir, 'trail');
const ledger = path.join(data, 'ledger');
const vkey = path.join(data, 'keys/ledger.vkey');
const failed = [];

try {
  await makeTrail();
  const server = await serve(ledger);
  const url = `http://127.0.0.1:${server.address().port}/`;
  if (hasGo()) await checkLedger(url);
  else console.error('SKIPPED: Tessera’s fsck and Go’s tlog and note: Go, or its modules, cannot be had here');
  server.close();
  server.closeAllConnections();
  checkEvidence();
} finally {
  rmSync(dir, { recursive: true, force: true });
}
if (failed.length > 0) {
  console.error(`failed: ${failed.join(', ')}`);
  process.exit(1);
}

/** Requests through the whole pipeline, and objects besides; the pipeline seals them, and stops. */
async function makeTrail() {
  const errors = path.join(data, 'errors/dt=2026-11-24/hour=07');
  mkdirSync(errors, { recursive: true });
  for (let n = 0; n < OBJECTS; n++) writeFileSync(path.join(errors, String(n)), `object ${n}`);
  const pipeline = spawn(process.execPath, [CLI, 'start', '--port', '0', '--data', data], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => pipeline.once('exit', resolve));
  process.once('exit', () => pipeline.kill('SIGKILL'));
  let output = '';
  pipeline.stdout.on('data', (chunk) => (output += chunk));
  const gateway = await until(() => /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0], 'the gateway');
  for (let n = 0; n < REQUESTS; n++) await fetch(`${gateway}/orders/${n}`).then((answer) => answer.arrayBuffer());
  await until(() => sizeOf() > OBJECTS + 1, 'the sealer');
  pipeline.kill('SIGINT');
  await exited;
  console.log(`trail: ${sizeOf()} leaves`);
} // prettier-ignore

function sizeOf() {
  const checkpoint = path.join(ledger, 'checkpoint');
  return existsSync(checkpoint) ? Number(readFileSync(checkpoint, 'utf8').split('\n')[1]) : 0;
}

async function until(ask, what) {
  for (let tries = 0; tries < 1_200; tries++) {
    const answer = ask();
    if (answer) return answer;
    await sleep(100);
  }
  throw new Error(`${what} did not get ready within two minutes`);
}

function serve(folder) {
  const server = http.createServer((request, response) => {
    const file = path.join(folder, path.normalize(decodeURIComponent(new URL(request.url, 'http://x').pathname)));
    createReadStream(file)
      .on('error', () => response.writeHead(404).end())
      .pipe(response);
  });
  return new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(server)));
}

/** Builds both programs. Each is called fsck. */
function hasGo() {
  const build = (name, what) =>
    spawnSync('go', ['build', '-C', 'scripts/fsck', '-o', path.join(dir, name), what], { stdio: 'inherit' }).status === 0;
  return spawnSync('go', ['version']).status === 0 && build('tlog', '.') && build('tessera', 'github.com/transparency-dev/tessera/cmd/fsck');
} // prettier-ignore

async function checkLedger(url) {
  const versions = path.join(ledger, 'versions/checkpoint');
  const older = readdirSync(versions).filter((name) => /^\d+$/.test(name)).map((name) => path.join(versions, name)); // prettier-ignore
  const tools = {
    'Tessera’s fsck': async () => {
      const { stderr } = await run(path.join(dir, 'tessera'), ['-ui=false', '-storage_url', url, '-public_key', vkey]);
      // It exits with 0 whatever it finds; and at a tile that differs its only worker ends, and it waits for ever.
      return stderr.includes('Successfully fsck') && !stderr.includes('fsck failed');
    },
    'Go’s tlog and note': async () => (await run(path.join(dir, 'tlog'), [url, vkey, ...older])).code === 0,
  };
  const damaged = [
    'checkpoint',
    'tile/0/000',
    'tile/entries/000',
    newestPartial('tile/0'),
    newestPartial('tile/entries'),
  ];
  for (const [name, isSound] of Object.entries(tools)) {
    told(`${name}: the ledger is sound`, await isSound());
    for (const file of damaged) {
      const restore = flipBit(path.join(ledger, file));
      told(`${name}: a bit flipped in ${file} is found`, !(await isSound()));
      restore();
    }
  }
}

/** The last tile of a level, which is not full. */
function newestPartial(level) {
  const folder = readdirSync(path.join(ledger, level)).filter((name) => name.endsWith('.p')).sort().at(-1); // prettier-ignore
  const width = readdirSync(path.join(ledger, level, folder)).map(Number).sort((a, b) => a - b).at(-1); // prettier-ignore
  return `${level}/${folder}/${width}`;
}

function flipBit(file) {
  const bytes = readFileSync(file);
  const flipped = Buffer.from(bytes);
  flipped[flipped.length >> 1] ^= 1;
  const write = (content) => (rmSync(file), writeFileSync(file, content));
  write(flipped);
  return () => write(bytes);
}

async function run(program, args) {
  try {
    return { code: 0, ...(await promisify(execFile)(program, args, { timeout: LIMIT_MS })) };
  } catch ({ code, stderr }) {
    return { code: code ?? 'too slow', stderr };
  }
}

/** docs/evidence/check.sh, over evidence for an event of this trail. */
function checkEvidence() {
  const file = path.join(dir, 'event.tlog-proof');
  execFileSync(process.execPath, [CLI, 'prove', eventUid(), '-o', file, '--local', data], { stdio: 'pipe' });
  const status = () => spawnSync('sh', ['docs/evidence/check.sh', file, vkey]).status;
  told('openssl, by docs/evidence/check.sh: the evidence holds', status() === 0);
  const [head, extra, ...rest] = readFileSync(file, 'utf8').split('\n');
  const event = Buffer.from(extra.slice('extra '.length), 'base64').toString();
  const changed = Buffer.from(event.replace('"http_method":"GET"', '"http_method":"PUT"')).toString('base64');
  rmSync(file);
  writeFileSync(file, [head, `extra ${changed}`, ...rest].join('\n'));
  told('openssl, by docs/evidence/check.sh: a changed event is found', status() === 1);
}

function eventUid() {
  const sql = 'SELECT event_uid FROM audit_events LIMIT 1';
  const out = execFileSync(process.execPath, [CLI, 'sql', sql, '--local', data, '--format', 'json'], { encoding: 'utf8' });
  return JSON.parse(out)[0].event_uid;
} // prettier-ignore

function told(what, isTrue) {
  console.log(`${isTrue ? 'ok  ' : 'FAIL'}  ${what}`);
  if (!isTrue) failed.push(what);
}
