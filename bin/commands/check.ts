import { Command, Option } from 'commander';

const HELP = `
Needs the file and the log's vkey, and nothing else: no trail, no network, no AWS. The vkey must come to you by a way that
you trust, not with the file: whoever can choose it can prove anything.

What is shown, each by computing it: the event's content has its fingerprint; the event is at its place in its object; the
object's leaf is in the log; the log's key signed that log. It is not shown that the log leaves nothing out (audit-proxy
verify does that, over the trail), nor when it was signed.

A file may hold the evidence for several events, which are checked one by one. It does not show that there are no others: of
a request with attempt and outcome, one can be left out.

json is one object: proven, uid, fingerprint, event, event_index, object, leaf_index, checkpoint, key; or proven, step,
code, detail, meaning. For a file with several events: proven (whether all are) and events, a list of such objects.

Exit codes:
  0  proven, every event of the file
  1  not proven: it is told which step failed, of which event
  2  could not be checked: the file or the key cannot be read, or a newer version wrote the file

Steps:
  file        the file is well-formed, in the one spelling that it has
  event       the event's content has its fingerprint
  object      the event is at its place in the object
  checkpoint  the key signed this state of this log
  ledger      the object's leaf is in the log

Examples:
  $ audit-proxy check order-7.tlog-proof --key ledger.vkey
  $ audit-proxy check order-7.tlog-proof --key "audit.example.com/orders+33d7b496+AeHT…" --format json`;

interface Options {
  readonly key: string;
  readonly format: 'table' | 'json';
}

export function checkCommand(): Command {
  return new Command('check')
    .description('verify the evidence for events, offline')
    .argument('<file>', 'evidence from audit-proxy prove; - for standard input')
    .requiredOption('--key <vkey>', "the log's vkey, or a file with it")
    .addOption(
      new Option('--format <format>', 'table to read, or json (one object)')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', HELP)
    .action(async (file: string, { key, format }: Options) => {
      const { runCheck } = await import('../evidence/run-check');
      const { proven, report } = await runCheck(file, key, format);
      process.stdout.write(report);
      if (!proven) process.exitCode = 1;
    });
}
