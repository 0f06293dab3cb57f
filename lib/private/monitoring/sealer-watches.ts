import type { AuditLedger } from '../../audit-ledger';
import { beginningWith, calls, endingIn, exactly, type Watch } from './calls';

/**
 * Calls that could stop sealing by what gives the sealer its notices. Changes to the function itself are seen by
 * `functionWatches`.
 *
 * @param ownRules how the names of the rules of the monitoring begin
 */
export function sealerWatches(ledger: AuditLedger | undefined, ownRules: string): Watch[] {
  const rules = [beginningWith(ownRules), ...(ledger?._callers.rules ?? []).map(exactly)];
  return [
    {
      id: 'RuleCalls',
      description: 'Changes to the rules that tell of new objects, have lost ones looked for, and watch',
      eventPattern: calls(
        'events',
        ['DeleteRule', 'DisableRule', 'PutRule', 'PutTargets', 'RemoveTargets'],
        [{ name: rules }, { rule: rules }],
      ),
    },
    ...(ledger === undefined ? [] : noticeWatches(ledger)),
  ];
}

function noticeWatches({ queue, deadLetterQueue, _callers: { mapping } }: AuditLedger): Watch[] {
  const queues = [queue, deadLetterQueue];
  return [
    {
      id: 'SealerMappingCalls',
      description: 'Changes to how the function that seals gets its notices',
      eventPattern: calls(
        'lambda',
        [{ prefix: 'UpdateEventSourceMapping' }, { prefix: 'DeleteEventSourceMapping' }],
        [{ uUID: [exactly(mapping)] }, { uuid: [exactly(mapping)] }],
      ),
    },
    {
      id: 'NoticeQueueCalls',
      description: 'Changes to the queues of notices',
      eventPattern: calls(
        'sqs',
        [
          'AddPermission',
          'DeleteQueue',
          'PurgeQueue',
          'RemovePermission',
          'SetQueueAttributes',
          'StartMessageMoveTask',
        ],
        [
          // A queue has more than one URL.
          { queueUrl: queues.map(({ queueName }) => endingIn(`/${queueName}`)) },
          // Back to where they came from, without a destination, is how notices are given back.
          {
            sourceArn: queues.map(({ queueArn }) => exactly(queueArn)),
            destinationArn: [{ 'anything-but': queue.queueArn }],
          },
        ],
      ),
    },
  ];
}
