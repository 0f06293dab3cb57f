import { Command, Option } from 'commander';
import { planOf, type RecoverOptions } from '../recover/plan';
import { progressOn } from '../recover/progress';
import { jsonReport, readableReport } from '../recover/report';
import { loadAws, runPlan } from '../recover/run';
import { localOption } from './local-trail';
import { screenOf } from './output/table';

const HELP = `
An event that no sink took stands on the function's log, marked audit_proxy_last_resort. This brings such events into the
trail as they were sealed, so that their chains close again. Log files may be what any tool made of the log: text, JSON or
CSV, from several functions, gzip or not, overlapping. With --errors it does the same with the records that the delivery
stream could not convert; first remove what kept it from converting them, or they fail again. Records of the edge log
(errors/edge/) are no events: they are listed, and stay where they are.

Into a local trail each event is written once, however often this runs. Through a delivery stream events are sent again;
readers drop duplicates. What the trail holds is never overwritten: another event with the same uid is refused.

On AWS this needs logs:FilterLogEvents (--log-group), firehose:PutRecordBatch (--stream), and s3:ListBucket, s3:GetObject
and kms:Decrypt (--errors --bucket). Events too large for a record go to the bucket, which takes them from the role of a
writer only.

Exit codes:
  0  everything that was found is in the trail
  1  something could not be recovered; it is listed
  2  could not be done

Examples:
  $ audit-proxy recover .audit/function.log
  $ audit-proxy recover export/*.gz --dry-run
  $ aws logs tail /aws/lambda/proxy --since 2h | audit-proxy recover -
  $ audit-proxy recover --log-group /aws/lambda/proxy --since 2h --stream audit-events --bucket my-trail
  $ audit-proxy recover --errors
  $ audit-proxy recover --errors --bucket my-trail --prefix errors/format-conversion-failed/ --stream audit-events`;

interface Options extends Omit<RecoverOptions, 'localGiven'> {
  readonly dryRun?: boolean;
  readonly format: 'table' | 'json';
}

export function recoverCommand(): Command {
  return new Command('recover')
    .description('bring events into the trail that no sink took, or that could not be delivered')
    .argument('[files...]', 'logs with events of the last resort; - for standard input')
    .option('--log-group <name>', 'read the log group of a function in CloudWatch Logs instead of files')
    .option('--since <time>', 'from then on in the log group: ISO 8601, or a span back from now (30s, 15m, 2h, 7d)')
    .option('--until <time>', 'until then: the same')
    .option('--errors', 'take what could not be delivered, from errors/ of the trail')
    .option('--prefix <prefix>', 'only errors under this prefix (default: errors/)')
    .addOption(localOption())
    .option(
      '--stream <name>',
      'replay through this delivery stream on AWS, not into a local trail; repeatable',
      collect,
    )
    .option('--bucket <name>', "the trail's bucket on AWS: for --errors, and for events too large for a stream")
    .option('--region <region>', "AWS region (default: that of AWS's own tools)")
    .option('--dry-run', 'find and check everything, write nothing')
    .addOption(
      new Option('--format <format>', 'table to read, or json (one object)')
        .choices(['table', 'json'])
        .default('table'),
    )
    .addHelpText('after', HELP)
    .action(async (files: string[], options: Options, command: Command) => {
      const localGiven = command.getOptionValueSource('local') === 'cli';
      const plan = planOf(files, { ...options, localGiven }, Date.now());
      const dryRun = options.dryRun === true;
      const { recovery, ...places } = await runPlan(plan, dryRun, {
        aws: () => loadAws(options.region),
        stdin: process.stdin as AsyncIterable<Uint8Array>,
        progress: progressOn(process.stderr, Date.now),
      });
      const report = { ...places, dryRun };
      process.stdout.write(
        options.format === 'json'
          ? jsonReport(recovery, report)
          : readableReport(recovery, report, screenOf(process.stdout)),
      );
      if (recovery.unrecovered.length > 0) process.exitCode = 1;
    });
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
