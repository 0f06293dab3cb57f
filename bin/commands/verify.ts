import { Command, InvalidArgumentError, Option } from 'commander';
import { keyOf } from '../evidence/key';
import { resolveTrail } from '../query/local-objects';
import { QueryError } from '../query/queries';
import { noted } from '../verify/finding';
import { FINDING_HELP } from '../verify/help/findings';
import { NOTICE_HELP } from '../verify/help/notices';
import { NO_PROGRESS, progressBar } from '../verify/progress';
import { defaultSavedFile, loadCheckpoint, SAVED_FOLDER, saveCheckpoint } from '../verify/saved-checkpoint';
import { bucketStore } from '../verify/trail/bucket-store';
import { localStore } from '../verify/trail/local-store';
import type { TrailStore } from '../verify/trail/trail-store';
import { verify, type Verification } from '../verify/verify';
import { addBucketOptions, bucketTrail, type BucketOptions } from './bucket-trail';
import { localOption, type LocalOption } from './local-trail';
import { FORMATS, type Format } from './output/format';
import { verifyReport } from './output/verify-report';

const codes = (help: Readonly<Record<string, { readonly meaning: string }>>) =>
  Object.entries(help)
    .map(([code, { meaning }]) => `  ${code.padEnd(21)} ${meaning}`)
    .join('\n');

const HELP = `
Checks the ledger (signature, tiles, that it only grew), every object by the ledger, the fingerprint of every event, every
chain of events, and the edge log beside them. Copies of an event are no findings: delivery is at least once.

The edge log confirms an event where its record says that the function ran, and both agree on method, path, address, status,
request id, invocation and time. A trail that has any object under edge/ has an edge log: then an hour with events of
requests and no record is a finding, unless it lies before --edge-log-since.

The key: whoever can change a trail can change the key beside it. Write the key down at the beginning, elsewhere, and give
it with --key. The checkpoint of each run whose signature and tree are sound is kept in ${SAVED_FOLDER}/ in the working
directory, or in the file that --since names; the next run checks that the ledger only grew since. Keep it where nobody who
can change the trail can. With --key, a run without an earlier checkpoint is a finding unless --first-run says that it is the
first.

A trail in a bucket is named by --bucket or --stack. There versions, delete markers and locks are checked too. Objects are
downloaded, each once, with nothing kept of them. The vkey that --stack tells of is not pinned: whoever can change the stack
can change it. This needs s3:ListBucketVersions, s3:GetObject, s3:GetObjectVersion, s3:GetObjectRetention,
s3:GetBucketObjectLockConfiguration and kms:Decrypt; --stack cloudformation:DescribeStacks.

json is one object: intact, checked_here, not_checked_here, totals, findings, notices, key, help. csv is the findings alone.

Exit codes:
  0  intact as far as checked
  1  there are findings
  2  could not be checked

Findings:
${codes(FINDING_HELP)}

Notices, which a truthful trail can have too:
${codes(NOTICE_HELP)}

Examples:
  $ audit-proxy verify
  $ audit-proxy verify --key 'local+1a2b3c4d+AaBb…' --since /safe/checkpoint --first-run
  $ audit-proxy verify --key 'local+1a2b3c4d+AaBb…' --since /safe/checkpoint
  $ audit-proxy verify --local /backup/audit --format json
  $ audit-proxy verify --bucket my-trail --key ledger.vkey --since /safe/checkpoint
  $ audit-proxy verify --stack ShopAudit --region eu-central-1`;

interface VerifyCommandOptions extends LocalOption, BucketOptions {
  readonly key?: string;
  readonly since?: string;
  readonly firstRun?: boolean;
  readonly fromCheckpoint?: string;
  readonly sealLag: number;
  readonly retention?: number;
  readonly edgeLogSince?: number;
  readonly format: Format;
}

export function verifyCommand(): Command {
  const command = new Command('verify')
    .description('prove that nothing was changed, removed, added or reordered')
    .addOption(localOption());
  return addBucketOptions(command)
    .option('--key <vkey|file>', 'the ledger’s key (default: the one beside the trail, or of the stack: not pinned)')
    .option('--since <file>', `checkpoint of the last run, checked and replaced (default: in ${SAVED_FOLDER}/)`)
    .option('--first-run', 'there is no earlier checkpoint: save this run’s')
    .option(
      '--from-checkpoint <file>',
      'read only what is newer than this checkpoint: the report says what was not checked',
    )
    .addOption(
      new Option('--seal-lag <span>', 'how old an object must be to have to be in the ledger, e.g. 90s, 5m')
        .argParser(spanOf)
        .default(120_000, '2m'),
    )
    .addOption(
      new Option(
        '--retention <span>',
        "how long every object was to be locked, e.g. 365d (default: the bucket's own)",
      ).argParser(spanOf),
    )
    .addOption(
      new Option(
        '--edge-log-since <time>',
        'when the edge log was turned on, if later than the trail began, e.g. 2026-11-24T07:00Z (default: from the first event on)',
      ).argParser(timeOf),
    )
    .addOption(
      new Option('--format <format>', 'table to read, json (one object), or csv (the findings)')
        .choices([...FORMATS])
        .default('table'),
    )
    .addHelpText('after', HELP)
    .action(async (options: VerifyCommandOptions) => {
      const store = await storeOf(options);
      const verification = await verifyStore(store, options);
      const name = store.location.startsWith('s3://') ? store.location : options.local;
      process.stdout.write(verifyReport(verification, name, options.format));
      if (verification.findings.length > 0) process.exitCode = 1;
    });
}

async function storeOf(options: VerifyCommandOptions): Promise<TrailStore> {
  const onAws = await bucketTrail(options);
  if (onAws === undefined) return localStore(await resolveTrail(options.local));
  return bucketStore(onAws.bucket, { ownKey: onAws.stackKey });
}

async function verifyStore(store: TrailStore, options: VerifyCommandOptions): Promise<Verification> {
  const savedFile = options.since ?? defaultSavedFile(store.location);
  const saved = await loadCheckpoint(savedFile);
  const { fromCheckpoint: fromFile, key, sealLag, retention, edgeLogSince } = options;
  const from = fromFile === undefined ? undefined : await loadCheckpoint(fromFile);
  if (fromFile !== undefined && from === undefined) throw new QueryError(`there is no checkpoint in ${fromFile}`);
  const verification = await verify({
    store,
    ...(key !== undefined && { key: await keyOf(key) }),
    ...(saved !== undefined && { saved: { note: saved, file: savedFile } }),
    ...(from !== undefined && { from: { note: from, file: fromFile! } }),
    ...(retention !== undefined && { retentionMs: retention }),
    ...(edgeLogSince !== undefined && { edgeLogSince }),
    isFirstRun: options.firstRun ?? false,
    sealLagMs: sealLag,
    edgeLagMs: sealLag,
    now: Date.now(),
    progress: process.stderr.isTTY ? progressBar(process.stderr) : NO_PROGRESS,
  });
  return keep(verification, savedFile);
}

/** Whatever the events say: a checkpoint that is not kept proves nothing later. */
async function keep(verification: Verification, file: string): Promise<Verification> {
  if (verification.checkpoint === undefined) return verification;
  try {
    await saveCheckpoint(file, verification.checkpoint);
    return verification;
  } catch (error) {
    const notice = noted('CHECKPOINT_NOT_SAVED', error instanceof Error ? error.message : String(error), file);
    return { ...verification, notices: [...verification.notices, notice] };
  }
}

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function spanOf(text: string): number {
  const [, digits, unit] = /^(\d{1,6})(ms|s|m|h|d)$/.exec(text) ?? [];
  if (digits === undefined) throw new InvalidArgumentError('give a number with ms, s, m, h or d, such as 90s.');
  return Number(digits) * UNIT_MS[unit!]!;
}

function timeOf(text: string): number {
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isNaN(time)) throw new InvalidArgumentError('give a time in UTC such as 2026-11-24T07:00Z.');
  return time;
}
