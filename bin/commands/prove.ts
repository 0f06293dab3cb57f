import { Command, InvalidArgumentError } from 'commander';
import type { Partition } from '../../lib/event/keys';
import { noteVerifier, type NoteVerifier } from '../../lib/ledger';
import { EvidenceUnavailable } from '../evidence/error';
import type { Proof } from '../evidence/prove';
import { addBucketOptions, bucketTrail, type BucketOptions } from './bucket-trail';
import { localOption, withTrail, type LocalOption } from './local-trail';
import { screenOf, type Screen } from './output/table';

const HELP = `
Writes one file that proves to anybody that this event is in the log: the event, its place in its object, the object's
leaf, and the checkpoint that the log's key signed. It shows nothing of other events. audit-proxy check verifies it, with
no access to the trail. The form of the file is in docs/evidence.md.

EVENT is the uid of an event (audit_events has it as event_uid) or its fingerprint; or the API's id of a request, if that
has one event. A request that was let in has two, attempt and outcome: they are listed.

A trail in a bucket is named by --bucket or --stack. Of it, the objects of one hour are read, and the few files of the
ledger that lead to the event: give the hour of the request with --hour. This needs s3:ListBucketVersions, s3:GetObject,
s3:GetObjectVersion and kms:Decrypt; --stack cloudformation:DescribeStacks.

The file says who did what: it can be read by you alone (mode 0600), and you decide whom to give it.

Exit codes:
  0  written
  2  could not be proven: there is no such event, it is not sealed yet, or it is not as it was sealed

Examples:
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof --key ledger.vkey --force
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof --stack ShopAudit --hour 2026-11-24T07
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o - | audit-proxy check - --key ledger.vkey`;

interface Options extends LocalOption, BucketOptions {
  readonly output: string;
  readonly key?: string;
  readonly hour?: Partition;
  readonly force?: boolean;
}

export function proveCommand(): Command {
  const command = new Command('prove')
    .description('write evidence that one event is in the log, for somebody without access to it')
    .argument('<event>', 'uid or fingerprint of the event, or id of its request')
    .requiredOption('-o, --output <file>', 'file to write; - for standard output')
    .option('--key <vkey>', "the log's vkey or a file with it: check the checkpoint's signature before writing")
    .option('--force', 'replace the file if it is there')
    .addOption(localOption());
  return addBucketOptions(command)
    .option('--hour <hour>', 'when the request arrived, in UTC, e.g. 2026-11-24T07: for a trail in a bucket', hourOf)
    .addHelpText('after', HELP)
    .action(async (name: string, options: Options) => {
      const [{ keyOf }, { writeEvidence }] = await Promise.all([
        import('../evidence/key'),
        import('../evidence/files'),
      ]);
      const { output, key, force = false } = options;
      const given = key === undefined ? undefined : await keyOf(key);
      const screen = { ...screenOf(process.stderr), color: false };
      const proof = await prove(name, options, given, screen);
      await writeEvidence(output, proof.evidence, force);
      // Standard output may be the evidence itself.
      (output === '-' ? process.stderr : process.stdout).write(summary(proof, output));
    });
}

/** What was proven, and what a person should know of how its signature was checked. */
interface Proven extends Proof {
  readonly notice: string | undefined;
}

async function prove(name: string, options: Options, given: NoteVerifier | undefined, screen: Screen): Promise<Proven> {
  const [{ proveEvent }, { findEvent }, { localSource }, { bucketSource }, { findInHour }] = await Promise.all([
    import('../evidence/prove'),
    import('../evidence/find-event'),
    import('../evidence/local-source'),
    import('../evidence/bucket-source'),
    import('../evidence/hour-of-bucket'),
  ]);
  const onAws = await bucketTrail(options);
  if (onAws === undefined) {
    if (options.hour !== undefined) throw new EvidenceUnavailable('--hour goes with --bucket or --stack');
    const event = await withTrail(options, (trail) => findEvent(trail, name, screen));
    const proof = await proveEvent(event, { source: localSource(options.local), key: given });
    return { ...proof, notice: given === undefined ? notChecked(proof) : undefined };
  }
  const { bucket, stackKey } = onAws;
  if (options.hour === undefined) throw new EvidenceUnavailable(HOUR_NEEDED);
  const event = await findInHour(bucket, options.hour, name, screen);
  const key = given ?? (stackKey === undefined ? undefined : noteVerifier(stackKey));
  const proof = await proveEvent(event, { source: bucketSource(bucket), key });
  if (given !== undefined) return { ...proof, notice: undefined };
  const ofStack = 'the signature was checked with the key that the stack tells of: whoever can change the stack can change that. --key takes one that you wrote down'; // prettier-ignore
  return { ...proof, notice: stackKey === undefined ? notChecked(proof) : ofStack };
}

const HOUR_NEEDED =
  'an id of an event does not tell when it happened: give the hour of the request with --hour YYYY-MM-DDTHH (audit_events has it as dt and hour)';

function notChecked({ checkpoint }: Proof): string {
  return `the signature was not checked; --key with the vkey of ${checkpoint.origin} does so`;
}

function hourOf(text: string): Partition {
  const [, dt, hour] = /^(\d{4}-\d\d-\d\d)T(\d\d)(?::00)?Z?$/.exec(text) ?? [];
  if (dt === undefined || hour === undefined || Number.isNaN(Date.parse(`${dt}T${hour}:00:00Z`))) {
    throw new InvalidArgumentError('give day and hour in UTC, such as 2026-11-24T07.');
  }
  return { dt, hour };
}

function summary({ uid, object, leafIndex, checkpoint, notice }: Proven, output: string): string {
  const { origin, size } = checkpoint;
  const lines = [
    `event     ${uid}`,
    `object    ${object}`,
    `log       ${origin}; the object is leaf ${leafIndex} of ${size}, counted from 0`,
    `written   ${output === '-' ? 'to standard output' : output}`,
  ];
  if (notice !== undefined) lines.push('', `notice: ${notice}`);
  return lines.join('\n') + '\n';
}
