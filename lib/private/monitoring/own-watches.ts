import { Aws } from 'aws-cdk-lib';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { beginningWith, calls, exactly, type Watch } from './calls';

/** Changes to what watches: whoever stops it first would be seen least. */
export function ownWatches(topic: sns.ITopic): Watch[] {
  // CloudFormation puts the name of the stack before those of alarms. A reference would go round in circles.
  const alarms = [beginningWith(`${Aws.STACK_NAME}-`)];
  return [
    {
      id: 'AlarmCalls',
      description: 'Changes to the alarms of the audit trail',
      eventPattern: calls(
        'monitoring',
        [
          'DeleteAlarms',
          'DisableAlarmActions',
          'PutAlarmMuteRule',
          'PutCompositeAlarm',
          'PutMetricAlarm',
          'SetAlarmState',
        ],
        [{ alarmName: alarms }, { alarmNames: alarms }, { muteTargets: { alarmNames: alarms } }],
      ),
    },
    {
      id: 'TopicCalls',
      description: 'Changes to the topic that alarms tell',
      eventPattern: calls(
        'sns',
        [
          'AddPermission',
          'DeleteTopic',
          'PutDataProtectionPolicy',
          'RemovePermission',
          'SetSubscriptionAttributes',
          'SetTopicAttributes',
          'Unsubscribe',
        ],
        [
          { topicArn: [exactly(topic.topicArn)] },
          { resourceArn: [exactly(topic.topicArn)] },
          { subscriptionArn: [beginningWith(`${topic.topicArn}:`)] },
        ],
      ),
    },
  ];
}
