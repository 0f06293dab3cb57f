import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as sns from 'aws-cdk-lib/aws-sns';
import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditMonitoring, AuditTrail, type AuditMonitoringOptions } from '../../lib';
import { LAST_RESORT_MARK } from '../../lib/event/last-resort';
import { matches } from './event-pattern';
import { flat, newStack, resources, ROUTE, statements, theResource } from './support';

interface Options extends AuditMonitoringOptions {
  readonly apiTypes?: readonly ApiType[];
}

function synth({ apiTypes = [ApiType.REST], ...options }: Options = {}, stack = newStack()) {
  const trail = new AuditTrail(stack, 'Trail');
  const accessProxies = apiTypes.map(
    (apiType, index) => new AccessProxy(stack, `Access${index}`, { routes: [ROUTE], apiType, trail }),
  );
  const monitoring = new AuditMonitoring(stack, 'Monitoring', { ...options, trail, accessProxies });
  return { monitoring, template: Template.fromStack(stack) };
}

const { monitoring, template } = synth();
const ALARM = 'AWS::CloudWatch::Alarm';
const alarm = (name: string, from = template) => theResource(from, ALARM, `Monitoring${name}`).Properties;
const NAMESPACE = expect.stringMatching(/^AuditProxy\/ShopAudit-Monitoring/);

describe('the alarm topic', () => {
  it('takes messages of alarms of this account, by TLS only', () => {
    const policy = theResource(template, 'AWS::SNS::TopicPolicy', 'MonitoringTopic').Properties.PolicyDocument;
    expect(statements(policy)).toEqual([
      expect.objectContaining({ Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } }),
      expect.objectContaining({
        Effect: 'Allow',
        Action: 'sns:Publish',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Condition: { StringEquals: { 'aws:SourceAccount': '${AWS::AccountId}' } },
      }),
    ]);
  });

  it('is told by every alarm that stands by itself, and by no part of another one', () => {
    const ringing = [...resources(template, ALARM), ...resources(template, 'AWS::CloudWatch::CompositeAlarm')].filter(
      ({ Properties }) => Properties.AlarmActions !== undefined,
    );
    expect(ringing).toHaveLength(monitoring.alarms.length);
    for (const { Properties } of ringing) {
      expect(flat(Properties.AlarmActions)).toEqual([expect.stringMatching(/^\$\{MonitoringTopic\w+\}$/)]);
    }
    const silent = resources(template, ALARM).filter(({ Properties }) => Properties.AlarmActions === undefined);
    const perStream = ['IncomingRecords', 'DeliveryToS3.DataFreshness'];
    expect(silent.map(({ Properties }) => Properties.MetricName)).toEqual([...perStream, ...perStream]);
  });

  it('can be one of yours', () => {
    const stack = newStack();
    const alarmTopic = sns.Topic.fromTopicArn(stack, 'Mine', 'arn:aws:sns:eu-west-1:123456789012:mine');
    const { template: mine } = synth({ alarmTopic }, stack);
    mine.resourceCountIs('AWS::SNS::Topic', 0);
    expect(alarm('LastResort', mine).AlarmActions).toEqual(['arn:aws:sns:eu-west-1:123456789012:mine']);
  });
});

describe('the alarm LastResort', () => {
  const filter = theResource(template, 'AWS::Logs::MetricFilter', 'MonitoringLastResort').Properties;

  it('counts the first part of each event on the log of the function, also where Lambda wraps the line', () => {
    expect(flat(filter.LogGroupName)).toMatch(/^\$\{Access0FunctionLog\w+\}$/);
    expect(LAST_RESORT_MARK).toBe('audit_proxy_last_resort');
    expect(filter.FilterPattern).toBe(
      '{ (($.type = "audit_proxy_last_resort") && ($.part = 1)) || ' +
        '(($.message.type = "audit_proxy_last_resort") && ($.message.part = 1)) }',
    );
    expect(filter.MetricTransformations).toEqual([
      { MetricName: 'LastResortEvents', MetricNamespace: NAMESPACE, MetricValue: '1' },
    ]);
  });

  it('rings at the first', () => {
    const { Properties } = resources(template, ALARM, 'MonitoringLastResort')[0] ?? { Properties: {} };
    expect(Properties).toMatchObject({ Threshold: 1, EvaluationPeriods: 1, TreatMissingData: 'notBreaching' });
    expect(Properties.Metrics[0].MetricStat).toMatchObject({
      Metric: { MetricName: 'LastResortEvents', Namespace: NAMESPACE },
      Stat: 'Sum',
    });
  });
});

describe('notices', () => {
  const rules = resources(template, 'AWS::Events::Rule', 'MonitoringNotices').map(({ Properties }) => Properties);
  const patterns = rules.map(({ EventPattern }) => flat(EventPattern) as Record<string, unknown>);
  const noticed = (event: unknown) => patterns.some((pattern) => matches(pattern, event));
  const idOf = (prefix: string, type: string) =>
    Object.keys(template.findResources(type)).find((id) => id.startsWith(prefix)) ?? '';
  const bucketName = `\${${idOf('TrailLocked', 'AWS::S3::Bucket')}}`;
  const created = (key: string, name = bucketName) => ({
    source: 'aws.s3',
    'detail-type': 'Object Created',
    detail: { bucket: { name }, object: { key } },
  });
  it('come for objects under errors/ of the bucket, which tells EventBridge of its objects', () => {
    expect(theResource(template, 'AWS::S3::Bucket', 'TrailLocked').Properties.NotificationConfiguration).toEqual({
      EventBridgeConfiguration: { EventBridgeEnabled: true },
    });
    expect(noticed(created('errors/processing-failed/dt=2026-11-24/hour=07/x'))).toBe(true);
    expect(noticed(created('events/dt=2026-11-24/hour=07/x.parquet'))).toBe(false);
    expect(noticed(created('errors/x', 'another'))).toBe(false);
  });

  it('go into a log of their own, that is kept for a year and that EventBridge may write to', () => {
    const [id, group] = Object.entries(template.findResources('AWS::Logs::LogGroup')).find(([logicalId]) =>
      logicalId.startsWith('MonitoringNotices'),
    ) ?? ['', undefined];
    expect(group?.Properties.RetentionInDays).toBe(365);
    expect(JSON.stringify(group?.Properties.LogGroupName)).toContain('/aws/events/ShopAudit');
    for (const { Targets } of rules) {
      expect(flat(Targets)).toEqual([
        {
          Id: 'Target0',
          Arn: `arn:\${AWS::Partition}:logs:\${AWS::Region}:\${AWS::AccountId}:log-group:\${${id}}`,
          DeadLetterConfig: { Arn: expect.stringMatching(/^\$\{MonitoringNoticesUndelivered\w+\.Arn\}$/) },
        },
      ]);
    }
    const policy = theResource(template, 'AWS::Logs::ResourcePolicy', 'MonitoringNotices').Properties.PolicyDocument;
    expect(statements(JSON.parse(String(flat(policy))))).toEqual([
      {
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `\${${id}.Arn}`,
      },
    ]);
  });

  it.each(['ErrorObjects', 'Tampering'])('ring the alarm %s at the first', (name) => {
    const filter = theResource(template, 'AWS::Logs::MetricFilter', `MonitoringNotices${name}`).Properties;
    expect(filter.MetricTransformations).toEqual([{ MetricName: name, MetricNamespace: NAMESPACE, MetricValue: '1' }]);
    expect(alarm(name)).toMatchObject({ MetricName: name, Namespace: NAMESPACE, Statistic: 'Sum', Threshold: 1 });
  });

  it('count objects under errors/', () => {
    const { FilterPattern } = theResource(
      template,
      'AWS::Logs::MetricFilter',
      'MonitoringNoticesErrorObjects',
    ).Properties;
    expect(FilterPattern).toBe('{ $.detail-type = "Object Created" }');
  });

  it('that could not be written wait in a queue that takes them from these rules only, and ring', () => {
    const [policy] = resources(template, 'AWS::SQS::QueuePolicy', 'MonitoringNoticesUndelivered');
    expect(statements(policy?.Properties.PolicyDocument)).toContainEqual(
      expect.objectContaining({
        Effect: 'Allow',
        Principal: { Service: 'events.amazonaws.com' },
        Action: 'sqs:SendMessage',
        Condition: {
          ArnLike: { 'aws:SourceArn': expect.stringMatching(/:events:.*:rule\/ShopAudit[\w-]*-\*$/) },
        },
      }),
    );
    expect(alarm('NoticesUndelivered')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Threshold: 1,
    });
  });
});

describe('alarms about delivery', () => {
  it('are there for the streams of the edge log too', () => {
    const { template: both } = synth({ apiTypes: [ApiType.REST, ApiType.HTTP] });
    const streamOf = (name: string) => flat(alarm(`${name}DeliveryLag`, both).Dimensions[0].Value);
    expect([streamOf('Stream0'), streamOf('Edge0'), streamOf('Edge1')]).toEqual([
      expect.stringMatching(/^\$\{TrailEvents0/),
      expect.stringMatching(/^\$\{TrailEdgeRest/),
      expect.stringMatching(/^\$\{TrailEdgeHttp/),
    ]);
  });

  it('ring when a stream throttles for a quarter of an hour', () => {
    expect(alarm('Stream0Throttled')).toMatchObject({
      Namespace: 'AWS/Firehose',
      MetricName: 'ThrottledRecords',
      Threshold: 1,
      EvaluationPeriods: 3,
      TreatMissingData: 'notBreaching',
    });
    expect(flat(alarm('Stream0Throttled').Dimensions)).toEqual([
      { Name: 'DeliveryStreamName', Value: expect.stringMatching(/^\$\{TrailEvents0Stream\w+\}$/) },
    ]);
  });

  it('ring when records grow old', () => {
    expect(alarm('Stream0DeliveryLag')).toMatchObject({ MetricName: 'DeliveryToS3.DataFreshness', Threshold: 1800 });
    const later = synth({ deliveryLagLimit: Duration.hours(1) }).template;
    expect(alarm('Stream0DeliveryLag', later).Threshold).toBe(3600);
  });

  it('take silence for blocked delivery only while records come in', () => {
    expect(alarm('Stream0Silent')).toMatchObject({
      MetricName: 'DeliveryToS3.DataFreshness',
      TreatMissingData: 'breaching',
      EvaluationPeriods: 3,
    });
    expect(alarm('Stream0Arriving')).toMatchObject({
      MetricName: 'IncomingRecords',
      Threshold: 1,
      TreatMissingData: 'notBreaching',
      EvaluationPeriods: 3,
    });
    const { AlarmRule } = theResource(template, 'AWS::CloudWatch::CompositeAlarm', 'MonitoringStream0').Properties;
    expect(flat(AlarmRule)).toMatch(
      /^\(ALARM\("\$\{MonitoringStream0Arriving\w+\.Arn\}"\) AND ALARM\("\$\{MonitoringStream0Silent\w+\.Arn\}"\)\)$/,
    );
  });

  it.each([
    ['ConversionFailed', 'FailedConversion.Records'],
    ['TooManyPartitions', 'PartitionCountExceeded'],
  ])('ring at the first %s', (name, metric) => {
    expect(alarm(`Stream0${name}`)).toMatchObject({ MetricName: metric, Threshold: 1, EvaluationPeriods: 1 });
  });

  it('ring when the key cannot be used, for whichever reason', () => {
    const { Metrics, Threshold } = alarm('Stream0KeyUnusable');
    expect(Threshold).toBe(1);
    const names = Metrics.map(
      ({ MetricStat }: { MetricStat?: { Metric: { MetricName: string } } }) => MetricStat?.Metric.MetricName,
    );
    expect(names).toEqual([undefined, 'KMSKeyAccessDenied', 'KMSKeyDisabled', 'KMSKeyInvalidState', 'KMSKeyNotFound']);
  });
});

describe('alarms about the ledger', () => {
  const metricNamespace = expect.stringMatching(/^AuditProxy\/ShopAudit-Trail-Ledger/);

  it.each([
    ['SealingStopped', 'SealingStopped', 'Maximum'],
    ['UnreadableObjects', 'ObjectsUnreadable', 'Sum'],
    ['NoticesLost', 'NoticesLost', 'Sum'],
  ])('ring at the first %s', (name, metric, statistic) => {
    expect(alarm(`Ledger${name}`)).toMatchObject({
      Namespace: metricNamespace,
      MetricName: metric,
      Statistic: statistic,
      Threshold: 1,
      EvaluationPeriods: 1,
      TreatMissingData: 'notBreaching',
    });
  });

  it('ring when a notice grows old, whether it waits or is tried in vain', () => {
    const { Metrics, Threshold } = alarm('LedgerSealLag');
    expect(Threshold).toBe(900);
    expect(Metrics[0].Expression).toBe('MAX([waiting, tried])');
    const used = Metrics.slice(1).map(({ Id, MetricStat }: { Id: string; MetricStat: { Metric: object } }) => [
      Id,
      flat(MetricStat.Metric),
    ]);
    expect(used).toEqual([
      [
        'waiting',
        {
          Namespace: 'AWS/SQS',
          MetricName: 'ApproximateAgeOfOldestMessage',
          Dimensions: [
            { Name: 'QueueName', Value: expect.stringMatching(/^\$\{TrailLedgerNoticesQueue\w+\.QueueName\}$/) },
          ],
        },
      ],
      ['tried', { Namespace: metricNamespace, MetricName: 'SealLag' }],
    ]);
    const later = synth({ sealLagLimit: Duration.hours(1) }).template;
    expect(alarm('LedgerSealLag', later).Threshold).toBe(3600);
  });

  it('ring when a notice is set aside, and when the sealer crashes', () => {
    expect(alarm('LedgerUnsealed')).toMatchObject({
      MetricName: 'ApproximateNumberOfMessagesVisible',
      Statistic: 'Maximum',
      Threshold: 1,
    });
    expect(flat(alarm('LedgerUnsealed').Dimensions)).toEqual([
      { Name: 'QueueName', Value: expect.stringMatching(/^\$\{TrailLedgerNoticesDeadLetters/) },
    ]);
    expect(alarm('LedgerSealerErrors')).toMatchObject({ Namespace: 'AWS/Lambda', MetricName: 'Errors', Threshold: 1 });
    expect(flat(alarm('LedgerSealerErrors').Dimensions)).toEqual([
      { Name: 'FunctionName', Value: expect.stringMatching(/^\$\{TrailLedgerSealer/) },
    ]);
  });

  it('are not there where there is no ledger', () => {
    const stack = newStack();
    const trail = new AuditTrail(stack, 'Trail', { ledger: false });
    new AuditMonitoring(stack, 'Monitoring', { trail, accessProxies: [] });
    const plain = Template.fromStack(stack);
    expect(resources(plain, ALARM, 'MonitoringLedger')).toEqual([]);
    expect(JSON.stringify(plain.toJSON())).not.toContain('Ledger');
  });
});

describe('alarms about function and API', () => {
  it.each([
    ['FunctionErrors', 'Errors'],
    ['FunctionThrottles', 'Throttles'],
  ])('ring at the first of %s', (name, metric) => {
    expect(alarm(`Proxy0${name}`)).toMatchObject({ Namespace: 'AWS/Lambda', MetricName: metric, Threshold: 1 });
  });

  it('ring when run and hold together come near the time limit of the function', () => {
    const { Metrics, Threshold } = alarm('Proxy0NearTimeout');
    expect(theResource(template, 'AWS::Lambda::Function', 'Access0Function').Properties.Timeout).toBe(30);
    expect(Threshold).toBe(27_000);
    expect(JSON.stringify(Metrics)).toContain('"SUM([duration, held])"');
    expect(JSON.stringify(Metrics)).toContain('"PostRuntimeExtensionsDuration"');
  });

  it.each([
    [ApiType.REST, '5XXError', 'ApiName'],
    [ApiType.HTTP, '5xx', 'ApiId'],
  ])('ring when too many requests to a %s API get 5xx', (apiType, metric, dimension) => {
    const { template: other } = synth({ apiTypes: [apiType], serverErrorPercent: 10 });
    const { Metrics, Threshold } = alarm('Proxy0ServerErrors', other);
    expect(Threshold).toBe(10);
    expect(Metrics[0].Expression).toBe('100 * errors / requests');
    expect(Metrics[1].MetricStat.Metric).toMatchObject({
      MetricName: metric,
      Dimensions: [expect.objectContaining({ Name: dimension })],
    });
  });

  it('are there for each proxy that writes to the trail', () => {
    const { template: both } = synth({ apiTypes: [ApiType.REST, ApiType.HTTP] });
    for (const index of [0, 1]) {
      expect(flat(alarm(`Proxy${index}FunctionErrors`, both).Dimensions)).toEqual([
        { Name: 'FunctionName', Value: expect.stringMatching(new RegExp(`^\\$\\{Access${index}Function`)) },
      ]);
    }
    // One count over all logs, one alarm.
    const filters = resources(both, 'AWS::Logs::MetricFilter', 'MonitoringLastResort');
    expect(new Set(filters.map(({ Properties }) => flat(Properties.LogGroupName))).size).toBe(2);
    expect(resources(both, ALARM, 'MonitoringLastResort')).toHaveLength(1);
  });

  it.each([0, -1, 101])('refuse %s percent', (serverErrorPercent) => {
    expect(() => synth({ serverErrorPercent })).toThrow(
      `Monitoring: serverErrorPercent: must be above 0 and at most 100; got ${serverErrorPercent}`,
    );
  });
});

describe('the dashboard', () => {
  const body = JSON.parse(
    String(flat(theResource(template, 'AWS::CloudWatch::Dashboard').Properties.DashboardBody)),
  ) as { widgets: { properties: { title: string; alarms?: string[]; metrics?: unknown[][] } }[] };
  const metricsOf = (title: string) =>
    body.widgets
      .filter(({ properties }) => properties.title.startsWith(title))
      .flatMap(({ properties }) => properties.metrics ?? [])
      .map((metric) => [metric[1], (metric.at(-1) as { stat?: string }).stat ?? 'Average']);

  it('shows how long environments are held after the answer beside how long they run', () => {
    expect(metricsOf('Function, and held after the answer')).toEqual([
      ['Duration', 'Average'],
      ['Duration', 'p99'],
      ['PostRuntimeExtensionsDuration', 'Average'],
      ['PostRuntimeExtensionsDuration', 'p99'],
    ]);
  });

  it('shows requests, refusals, latency, streams and what should not be', () => {
    expect(metricsOf('Requests')).toEqual([
      ['Count', 'Sum'],
      ['4XXError', 'Sum'],
      ['5XXError', 'Sum'],
    ]);
    expect(metricsOf('Latency')).toEqual([
      ['Latency', 'p50'],
      ['Latency', 'p99'],
    ]);
    expect(metricsOf('Records into streams')).toEqual([
      ['IncomingRecords', 'Sum'],
      ['IncomingRecords', 'Sum'],
      ['IncomingBytes', 'Sum'],
      ['IncomingBytes', 'Sum'],
    ]);
    const ofEach = (name: string, statistic: string) => [
      [name, statistic],
      [name, statistic],
    ];
    expect(metricsOf('Records that streams refused')).toEqual(ofEach('ThrottledRecords', 'Sum'));
    expect(metricsOf('Age of the oldest record')).toEqual(ofEach('DeliveryToS3.DataFreshness', 'Maximum'));
    expect(metricsOf('Not as it should be')).toEqual([
      ['LastResortEvents', 'Sum'],
      ['ErrorObjects', 'Sum'],
      ['Tampering', 'Sum'],
    ]);
  });

  it('shows how far the ledger is', () => {
    expect(metricsOf('Objects sealed')).toEqual([
      ['ObjectsSealed', 'Sum'],
      ['TreeSize', 'Maximum'],
    ]);
    expect(metricsOf('Not sealed as it should be')).toEqual([
      ['SealingStopped', 'Maximum'],
      ['ObjectsUnreadable', 'Sum'],
      ['NoticesLost', 'Sum'],
    ]);
    expect(JSON.stringify(body)).toContain('MAX([waiting, tried])');
  });

  it('shows the state of every alarm', () => {
    expect(body.widgets[0]?.properties.alarms).toHaveLength(monitoring.alarms.length);
  });
});

describe('docs/operations.md', () => {
  const text = fs.readFileSync(path.join(__dirname, '..', '..', 'docs', 'operations.md'), 'utf8');

  it('says of every alarm, and of no other, what it means and what to do', () => {
    const documented = [...text.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
    const described = [ALARM, 'AWS::CloudWatch::CompositeAlarm']
      .flatMap((type) => resources(template, type))
      .map(({ Properties }) => String(Properties.AlarmDescription).replace(/:.*/, ''));
    expect(documented.sort()).toEqual([...new Set(described)].sort());
  });
});
