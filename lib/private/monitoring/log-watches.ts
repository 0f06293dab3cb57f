import type * as logs from 'aws-cdk-lib/aws-logs';
import { calls, exactly, inPortions, type Watch } from './calls';

const GROUPS_OF_ONE_WATCH = 3;

/** Not `PutLogEvents` and `CreateLogStream`, with which functions write. */
const CHANGES = [
  { prefix: 'Associate' },
  { prefix: 'Delete' },
  { prefix: 'Disassociate' },
  'PutDataProtectionPolicy',
  'PutLogGroupDeletionProtection',
  'PutMetricFilter',
  'PutRetentionPolicy',
  'PutSubscriptionFilter',
  'PutTransformer',
];

/** Changes to log groups, and to the filters that count in them or carry their lines on. */
export function logWatches(logGroups: readonly logs.ILogGroup[]): Watch[] {
  return inPortions(logGroups, GROUPS_OF_ONE_WATCH).map((portion, n) => {
    const names = portion.map(({ logGroupName }) => logGroupName);
    // By name or ARN, which may end in `:*`.
    const identifiers = names.map((name) => ({ wildcard: `*${name}*` }));
    return {
      id: `LogCalls${n}`,
      description: 'Changes to logs that hold what the trail does not have yet',
      eventPattern: calls('logs', CHANGES, [
        { logGroupName: names.map(exactly) },
        { logGroupIdentifier: identifiers },
        { resourceIdentifier: identifiers },
      ]),
    };
  });
}
