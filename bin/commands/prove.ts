import { Command, InvalidArgumentError } from 'commander';
import type { Partition } from '../../lib/event/keys';
import { EvidenceUnavailable } from '../evidence/error';
import type { ProveRequest } from '../evidence/run-prove';
import { addBucketOptions } from './bucket-trail';
import { localOption } from './local-trail';

const HELP = `
Writes a file that proves to anybody that events are in the log: each event, its place in its object, the object's leaf, and
the checkpoint that the log's key signed. It shows nothing of other events. audit-proxy check verifies it, with no access to
the trail. The form of the file is in docs/evidence.md.

NAME is an event or a request:
  event    its uid (audit_events has it as event_uid) or its fingerprint
  request  its correlation_uid, or API Gateway's request id or extended request id: proves attempt and outcome

--from reads many: one id a line, or CSV or JSON with a column event_uid, correlation_uid or request_id (the first that a
row has), as audit-proxy events and sql print them. What cannot be proven is listed on standard error; the rest is written.

A trail in a bucket is named by --bucket or --stack. Of it, the objects of the hours in question are read, and the few files
of the ledger that lead to the events: give the hour of the requests with --hour, or columns dt and hour to --from. This
needs s3:ListBucketVersions, s3:GetObject, s3:GetObjectVersion and kms:Decrypt; --stack cloudformation:DescribeStacks.

The file says who did what: it can be read by you alone (mode 0600), and you decide whom to give it. The same goes for the
page that --page writes, to print or to hand over with the evidence: it explains the evidence, and proves nothing by itself.

Exit codes:
  0  written
  1  some of --from could not be proven, and are listed; the others are written
  2  could not be proven: there is no such event, it is not sealed yet, or it is not as it was sealed

Examples:
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof --page order-7.html --key ledger.vkey
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof --stack ShopAudit --hour 2026-11-24T07
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o - | audit-proxy check - --key ledger.vkey
  $ audit-proxy events --who alice --format csv | audit-proxy prove --from - -o alice.tlog-proof
  $ audit-proxy prove --from ids.txt -o evidence/ --key ledger.vkey`;

export function proveCommand(): Command {
  const command = new Command('prove')
    .description('write evidence that events are in the log, for somebody without access to it')
    .argument('[name]', 'uid or fingerprint of an event, or an id of a request')
    .requiredOption('-o, --output <path>', 'file to write, or folder/ for one file a name; - for standard output')
    .option('--from <file>', 'prove many: ids one a line, or CSV or JSON; - for standard input')
    .option('--page <file>', 'write a page to print, too (HTML)')
    .option('--key <vkey>', "the log's vkey or a file with it: check the checkpoint's signature before writing")
    .option('--force', 'replace files that are there')
    .addOption(localOption());
  return addBucketOptions(command)
    .option('--hour <hour>', 'when the requests arrived, in UTC, e.g. 2026-11-24T07: for a trail in a bucket', hourOf)
    .addHelpText('after', HELP)
    .action(async (name: string | undefined, options: ProveRequest) => {
      if ((name === undefined) === (options.from === undefined)) {
        throw new EvidenceUnavailable('give either the name of an event or a request, or --from with a file of names');
      }
      const { runProve } = await import('../evidence/run-prove');
      if (!(await runProve(name, options))) process.exitCode = 1;
    });
}

function hourOf(text: string): Partition {
  const [, dt, hour] = /^(\d{4}-\d\d-\d\d)T(\d\d)(?::00)?Z?$/.exec(text) ?? [];
  if (dt === undefined || hour === undefined || Number.isNaN(Date.parse(`${dt}T${hour}:00:00Z`))) {
    throw new InvalidArgumentError('give day and hour in UTC, such as 2026-11-24T07.');
  }
  return { dt, hour };
}
