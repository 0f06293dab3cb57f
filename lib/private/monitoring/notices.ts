import { ArnFormat, Duration, Names, Stack, Validations } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as events from 'aws-cdk-lib/aws-events';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as kms from 'aws-cdk-lib/aws-kms';
import type * as sqs from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { encryptedQueue } from '../encrypted-queue';
import { stackGuid } from '../names';
import { PERIOD } from './alarms';

export interface NoticesProps {
  /** Of the metrics that are counted from the log. */
  readonly metricNamespace: string;
  /** Encrypts the log and the queue. */
  readonly key: kms.IKey;
}

const LONGEST_RULE_NAME = 64;
/** With a hyphen before it. */
const LONGEST_ID = 24;

/**
 * Events of EventBridge that somebody should know of, written into a log group and counted there. So an alarm rings once,
 * however many there are, and the log says which object, or who did what.
 */
export class Notices extends Construct {
  readonly logGroup: logs.LogGroup;
  /** Events that EventBridge could not write into the log in a day of trying. */
  readonly undelivered: sqs.Queue;
  /** How the names of all rules here begin. They are given, so that a rule can watch the others and itself. */
  readonly ruleNames: string;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: NoticesProps,
  ) {
    super(scope, id);
    this.logGroup = new logs.LogGroup(this, 'Log', {
      // EventBridge's own prefix; the end keeps the name free for the next stack, since the log outlives its stack.
      logGroupName: `/aws/events/${Names.uniqueResourceName(this, { maxLength: 100 })}-${stackGuid()}`,
      retention: logs.RetentionDays.ONE_YEAR,
      encryptionKey: props.key,
    });
    this.undelivered = encryptedQueue(this, 'Undelivered', {
      key: props.key,
      retentionPeriod: Duration.days(14),
    });
    Validations.of(this.undelivered).acknowledge({
      id: 'AwsSolutions-SQS3',
      reason: 'It is itself the dead-letter queue of the rules, which are no queues',
    });
    this.ruleNames = `${Names.uniqueResourceName(this, { maxLength: LONGEST_RULE_NAME - LONGEST_ID, separator: '-' })}-`;
    this.undelivered.addToResourcePolicy(
      new iam.PolicyStatement({
        sid: 'RulesSetAsideHere',
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['sqs:SendMessage'],
        resources: [this.undelivered.queueArn],
        conditions: {
          ArnLike: {
            'aws:SourceArn': Stack.of(this).formatArn({ service: 'events', resource: `rule/${this.ruleNames}*` }),
          },
        },
      }),
    );
    // By hand: the target of the CDK makes this policy with a function of its own.
    this.logGroup.addToResourcePolicy(
      new iam.PolicyStatement({
        principals: [new iam.ServicePrincipal('events.amazonaws.com')],
        actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        resources: [this.logGroup.logGroupArn],
      }),
    );
  }

  /** Writes the events that match into the log. */
  write(id: string, description: string, eventPattern: events.EventPattern): events.Rule {
    const rule = new events.Rule(this, id, { ruleName: `${this.ruleNames}${id}`, description, eventPattern });
    const deadLetterConfig = { arn: this.undelivered.queueArn };
    rule.addTarget({ bind: () => ({ arn: this.logGroupTargetArn(), deadLetterConfig }) });
    return rule;
  }

  /** Counts the events in the log that match. */
  count(id: string, filterPattern: logs.IFilterPattern): cloudwatch.Metric {
    const filter = new logs.MetricFilter(this, id, {
      logGroup: this.logGroup,
      metricNamespace: this.props.metricNamespace,
      metricName: id,
      metricValue: '1',
      filterPattern,
    });
    return filter.metric({ statistic: cloudwatch.Stats.SUM, period: PERIOD });
  }

  /** The ARN of a group ends in `:*`, that of a target does not. */
  private logGroupTargetArn(): string {
    return this.logGroup.stack.formatArn({
      service: 'logs',
      resource: 'log-group',
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      resourceName: this.logGroup.logGroupName,
    });
  }
}
