import type { AuditLedger } from '../../audit-ledger';
import { calls, type Watch } from './calls';

/**
 * Calls that could stop sealing, or have somebody else's code sign: whoever can change the function has its role.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/logging-using-cloudtrail.html
 */
export function sealerWatches({ sealer, queue, _callers: { rules, mapping } }: AuditLedger): Watch[] {
  return [
    {
      id: 'SealerCalls',
      description: 'Changes to the function that seals',
      eventPattern: calls(
        'lambda',
        // Names end in the version of the API, e.g. UpdateFunctionCode20150331v2.
        [{ prefix: 'UpdateFunction' }, { prefix: 'DeleteFunction' }, { prefix: 'PutFunctionConcurrency' }],
        [{ functionName: [sealer.functionName, sealer.functionArn] }],
      ),
    },
    {
      id: 'SealerMappingCalls',
      description: 'Changes to how the function that seals gets its notices',
      eventPattern: calls(
        'lambda',
        [{ prefix: 'UpdateEventSourceMapping' }, { prefix: 'DeleteEventSourceMapping' }],
        [{ uUID: [mapping] }, { uuid: [mapping] }],
      ),
    },
    {
      id: 'NoticeCalls',
      description: 'Changes to the rules that tell of new objects and have lost ones looked for',
      eventPattern: calls(
        'events',
        ['DeleteRule', 'DisableRule', 'PutRule', 'PutTargets', 'RemoveTargets'],
        [{ name: [...rules] }, { rule: [...rules] }],
      ),
    },
    {
      id: 'NoticeQueueCalls',
      description: 'Changes to the queue of notices',
      eventPattern: calls(
        'sqs',
        ['DeleteQueue', 'PurgeQueue', 'RemovePermission', 'SetQueueAttributes'],
        [{ queueUrl: [queue.queueUrl] }],
      ),
    },
  ];
}
