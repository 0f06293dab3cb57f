import { rm, mkdtemp } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { whenAndWhere } from './measured/machine';
import { measureSealing } from './verify/sealing';
import { sha256sum } from './verify/sha256sum';
import { verifyFromLast } from './verify/checkpoints';
import { makeTrail } from './verify/trail';
import { judgeHere, type Judged } from './verify/judging';
import { inProcess, verifyHere, type Verified } from './verify/verifying';

/**
 * How fast a trail is verified and in how much memory, beside sha256sum over the same files; and what sealing costs as a log
 * grows.
 *
 *     npm run bench:verify -- [--events 60000] [--copies 1] [--object-events 4000] [--leaves 100000] [--judge 4000000]
 *       [--keep FOLDER]
 *     npm run bench:verify -- incremental [--checkpoints 32000]
 *
 * `incremental` measures `--from-checkpoint` alone, where nothing is new.
 *
 * `--copies` lays each object down so often, under other keys: more bytes to hash and decode, the same events. `--keep`
 * makes the trail in a folder that stays, or verifies the one that is there. `--judge` is of how many events the stage after
 * decoding is measured: 40,000,000 are as many as 10 GiB hold, and take some 15 minutes and 10 GiB on disk.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '60000' },
    copies: { type: 'string', default: '1' },
    'object-events': { type: 'string', default: '4000' },
    leaves: { type: 'string', default: '100000' },
    judge: { type: 'string', default: '4000000' },
    keep: { type: 'string' },
    checkpoints: { type: 'string', default: '32000' },
    /** What the process that is measured runs. */
    measured: { type: 'string' },
    'measured-judging': { type: 'string' },
  },
});

const print = (line = ''): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  if (values.measured !== undefined) return print(JSON.stringify(await verifyHere(values.measured)));
  const judging = values['measured-judging'];
  if (judging !== undefined) return print(JSON.stringify(await judgeHere(Number(judging))));
  print(`${whenAndWhere()}\n`);
  if (positionals.includes('incremental')) return incremental(Number(values.checkpoints));
  const dir = values.keep ?? (await mkdtemp(path.join(os.tmpdir(), 'audit-bench-')));
  try {
    const made = await makeTrail(dir, {
      events: Number(values.events),
      copies: Number(values.copies),
      objectEvents: Number(values['object-events']),
    });
    await compare(dir, made.files);
  } finally {
    if (values.keep === undefined) await rm(dir, { recursive: true, force: true });
  }
  const judged = await inProcess<Judged>('--measured-judging', values.judge);
  print(
    `\njudging, the stage after decoding: ${judged.events} events, ${judged.requests} requests   ${judged.seconds.toFixed(0)} s   ` +
      `${mebi(judged.maxRssBytes).toFixed(0)} MiB RSS at most   findings ${judged.findings}`,
  );
  if (judged.findings > 0) process.exitCode = 1;
  print('\nsealing, in batches of at most 4,000 objects, a store in memory:');
  for (const row of await measureSealing(Number(values.leaves))) {
    print(
      `  ${String(row.leaves).padStart(7)} leaves   ${row.objectsPerSecond.toFixed(0).padStart(6)} objects/s   ` +
        `${row.bytesPerObject.toFixed(0).padStart(5)} bytes and ${row.writesPerObject.toFixed(4)} writes an object`,
    );
  }
}

async function incremental(checkpoints: number): Promise<void> {
  const dir = await mkdtemp(path.join(os.tmpdir(), 'audit-bench-'));
  try {
    const { seconds, hashed, findings } = await verifyFromLast(dir, checkpoints);
    print(`verify --from-checkpoint, ${checkpoints} checkpoints, nothing new: ${seconds.toFixed(2)} s   hashed ${hashed}   findings ${findings}`); // prettier-ignore
    if (findings > 0) process.exitCode = 1;
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

const mebi = (bytes: number): number => bytes / 2 ** 20;

async function compare(dir: string, files: readonly string[]): Promise<void> {
  const plain = await sha256sum(files);
  const { totals, findings, seconds, phases, maxRssBytes } = await inProcess<Verified>('--measured', dir);
  const bytes = totals.hashed_bytes;
  print(
    `trail      ${totals.hashed_objects} objects, ${mebi(bytes).toFixed(0)} MiB, ` +
      `${totals.events} events and ${totals.duplicates} copies, ${totals.chains} chains`,
  );
  print(
    plain === undefined
      ? 'sha256sum  is not installed here: NOT COMPARED'
      : `sha256sum  ${plain.toFixed(2)} s   ${(mebi(bytes) / plain).toFixed(0)} MiB/s`,
  );
  print(
    `verify     ${seconds.toFixed(2)} s   ${(mebi(bytes) / seconds).toFixed(1)} MiB/s   ` +
      `${((totals.events + totals.duplicates) / seconds).toFixed(0)} events/s   ${mebi(maxRssBytes).toFixed(0)} MiB RSS at most`,
  );
  for (const { name, seconds: of } of phases) print(`  ${name.padEnd(20)} ${of.toFixed(2)} s`);
  print(`findings   ${findings}`);
  if (findings > 0) process.exitCode = 1;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
