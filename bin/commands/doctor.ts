import { Command, InvalidArgumentError, Option } from 'commander';
import { setTimeout as sleep } from 'node:timers/promises';
import { version } from '../../package.json';
import { noteVerifier, type NoteVerifier } from '../../lib/ledger';
import { loadClients } from '../aws/load-clients';
import { CHECKS, type CheckResult } from '../doctor/check';
import { newCanary, send, type Sign } from '../doctor/canary';
import type { DoctoredTrail } from '../doctor/doctored-trail';
import { keyOf } from '../evidence/key';
import { resolveTrail } from '../query/local-objects';
import { localStore } from '../verify/trail/local-store';
import { localOption, withTrail, type LocalOption } from './local-trail';

const HELP = `
Sends one marked request through the proxy and checks that all is true of its event that is promised of every event:
${Object.values(CHECKS)
  .map((proves) => `  - ${proves}`)
  .join('\n')}

With --stack, the request is signed with your credentials (SigV4), and deleting and shortening are tried for real, on the
object of this one event, where S3 says that it is locked in COMPLIANCE mode. The event stays in the log: its user agent is audit-proxy-doctor, its path begins with
/audit-proxy-doctor/.

Exit codes:
  0  all that was checked is as promised
  1  a check failed
  2  could not be done

Examples:
  $ audit-proxy doctor
  $ audit-proxy doctor --stack AuditProxy --key ledger.vkey
  $ audit-proxy doctor --stack AuditProxy --header 'Authorization: Bearer eyJ…'`;

interface Options extends LocalOption {
  readonly url?: string;
  readonly stack?: string;
  readonly region?: string;
  readonly key?: string;
  readonly header: readonly (readonly [string, string])[];
  readonly timeout: number;
  readonly format: 'table' | 'json';
}

const INTERVAL_MS = { stack: 10_000, local: 500 };

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('send a canary through the trail, and check that what is promised is true')
    .addOption(
      new Option('--stack <name>', 'a deployed stack (default: the pipeline on this machine)').conflicts('local'),
    )
    .option('--region <region>', "AWS region of the stack (default: that of AWS's own tools)")
    .addOption(localOption())
    .option('--url <url>', "address of the API (default: the stack's output ApiUrl, or http://127.0.0.1:8080)")
    .option('--key <vkey|file>', 'the ledger’s key (default: the one that stack or folder tell of, not pinned)')
    .option('--header <header>', 'send this header; may be given again', header, [])
    .addOption(
      new Option('--timeout <seconds>', 'wait so long for event, edge log and ledger together')
        .argParser(secondsOf)
        .default(300_000, '300'),
    )
    .addOption(new Option('--format <format>', 'table to read, or json').choices(['table', 'json']).default('table'))
    .addHelpText('after', HELP)
    .action(async (options: Options) => {
      const { results, location } = await (options.stack === undefined ? onThisMachine(options) : onAws(options));
      const { doctorJson, doctorReport } = await import('../doctor/report');
      process.stdout.write((options.format === 'json' ? doctorJson : doctorReport)(results, location));
      if (results.some(({ outcome }) => outcome === 'failed')) process.exitCode = 1;
    });
}

interface Examined {
  readonly results: readonly CheckResult[];
  readonly location: string;
}

async function onThisMachine(options: Options): Promise<Examined> {
  const { folderTrail } = await import('../doctor/folder-trail');
  const root = await resolveTrail(options.local);
  const own = await localStore(root).ownKey();
  const url = options.url ?? 'http://127.0.0.1:8080';
  return withTrail(options, async (queries) =>
    examined(options, folderTrail(root, queries, await keyFor(options, own)), url, INTERVAL_MS.local, asGiven),
  );
}

async function onAws(options: Options): Promise<Examined> {
  const [{ stackTrail }, aws] = await Promise.all([import('../doctor/stack-trail'), loadClients()]);
  const region = options.region === undefined ? {} : { region: options.region };
  const stack = await aws.stackOutputs(options.stack!, ['bucket', 'apiUrl', 'database', 'workgroup'], region);
  const there = { region: stack.region };
  const trail = stackTrail({
    bucket: aws.S3VersionedBucket.of(stack.bucket, there),
    forbidden: aws.ForbiddenCalls.of(stack.bucket, there),
    athena: aws.Athena.of(stack.workgroup, stack.database, there),
    key: await keyFor(options, stack.vkey),
  });
  // A token of the user's and a signature would both be `Authorization`.
  const hasToken = options.header.some(([name]) => name.toLowerCase() === 'authorization');
  const sign: Sign = hasToken ? asGiven : (url, headers) => aws.signCall(url, headers, there);
  return examined(options, trail, options.url ?? stack.apiUrl, INTERVAL_MS.stack, sign);
}

const asGiven: Sign = (_, headers) => Promise.resolve(headers);

async function examined(
  { header: own, timeout }: Options,
  trail: DoctoredTrail,
  url: string,
  interval: number,
  sign: Sign,
): Promise<Examined> {
  const { examine } = await import('../doctor/examine');
  const canary = newCanary(version);
  const results = await examine({
    trail,
    send: () => send(canary, url, (to, headers) => sign(to, { ...headers, ...Object.fromEntries(own) })),
    patience: {
      now: Date.now,
      sleep: (milliseconds) => sleep(milliseconds),
      deadline: Date.now() + timeout,
      interval,
      waiting: progress,
    },
  });
  progress(undefined);
  return { results, location: trail.location };
}

/** One line on a terminal; elsewhere nobody watches. */
function progress(what: string | undefined): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${what === undefined ? '' : `waiting for ${what}`}`);
}

async function keyFor({ key }: Options, told: string | undefined): Promise<NoteVerifier | undefined> {
  if (key !== undefined) return keyOf(key);
  return told === undefined ? undefined : noteVerifier(told);
}

function header(text: string, others: readonly (readonly [string, string])[]): (readonly [string, string])[] {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*(.*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined) throw new InvalidArgumentError('give name and value, such as "X-Api-Key: 1".'); // prettier-ignore
  return [...others, [name, value]];
}

function secondsOf(text: string): number {
  if (!/^[1-9]\d{0,4}$/.test(text)) throw new InvalidArgumentError('give whole seconds, such as 300.');
  return Number(text) * 1000;
}
