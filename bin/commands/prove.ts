import { Command } from 'commander';
import type { Proof } from '../evidence/prove';
import { localOption, withTrail, type LocalOption } from './local-trail';
import { screenOf } from './output/table';

const HELP = `
Writes one file that proves to anybody that this event is in the log: the event, its place in its object, the object's
leaf, and the checkpoint that the log's key signed. It shows nothing of other events. audit-proxy check verifies it, with
no access to the trail. The form of the file is in docs/evidence.md.

EVENT is the uid of an event (audit_events has it as event_uid) or its fingerprint; or the API's id of a request, if that
has one event. A request that was let in has two, attempt and outcome: they are listed.

The file says who did what: it can be read by you alone (mode 0600), and you decide whom to give it. Trails in a bucket on
AWS are not read by this command: it takes a folder.

Exit codes:
  0  written
  2  could not be proven: there is no such event, it is not sealed yet, or it is not as it was sealed

Examples:
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o order-7.tlog-proof --key ledger.vkey --force
  $ audit-proxy prove 0f8b7c1e-5a52-4c1c-9a52-0f8b7c1e5a52 -o - | audit-proxy check - --key ledger.vkey`;

interface Options extends LocalOption {
  readonly output: string;
  readonly key?: string;
  readonly force?: boolean;
}

export function proveCommand(): Command {
  return new Command('prove')
    .description('write evidence that one event is in the log, for somebody without access to it')
    .argument('<event>', 'uid or fingerprint of the event, or id of its request')
    .requiredOption('-o, --output <file>', 'file to write; - for standard output')
    .option('--key <vkey>', "the log's vkey or a file with it: check the checkpoint's signature before writing")
    .option('--force', 'replace the file if it is there')
    .addOption(localOption())
    .addHelpText('after', HELP)
    .action(async (name: string, { output, key, force = false, local }: Options) => {
      const [{ proveEvent }, { keyOf }, { writeEvidence }] = await Promise.all([
        import('../evidence/prove'),
        import('../evidence/key'),
        import('../evidence/files'),
      ]);
      const verifier = key === undefined ? undefined : await keyOf(key);
      const screen = { ...screenOf(process.stderr), color: false };
      const proof = await withTrail({ local }, (trail) =>
        proveEvent(trail, name, { root: local, key: verifier, screen }),
      );
      await writeEvidence(output, proof.evidence, force);
      // Standard output may be the evidence itself.
      (output === '-' ? process.stderr : process.stdout).write(summary(proof, output, key !== undefined));
    });
}

function summary({ uid, object, leafIndex, checkpoint }: Proof, output: string, signatureChecked: boolean): string {
  const { origin, size } = checkpoint;
  const lines = [
    `event     ${uid}`,
    `object    ${object}`,
    `log       ${origin}; the object is leaf ${leafIndex} of ${size}, counted from 0`,
    `written   ${output === '-' ? 'to standard output' : output}`,
  ];
  if (!signatureChecked)
    lines.push('', `notice: the signature was not checked; --key with the vkey of ${origin} does so`);
  return lines.join('\n') + '\n';
}
