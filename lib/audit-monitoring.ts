import { Duration, Names, Token } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import * as logs from 'aws-cdk-lib/aws-logs';
import type * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { AccessProxy } from './access-proxy';
import type { AuditTrail } from './audit-trail';
import { ERRORS_PREFIX } from './event/keys';
import { newAlarmTopic } from './private/monitoring/alarm-topic';
import { Alarms, PERIOD } from './private/monitoring/alarms';
import { monitoringDashboard } from './private/monitoring/dashboard';
import { DeliveryAlarms } from './private/monitoring/delivery-alarms';
import { lastResortMetric } from './private/monitoring/last-resort-metric';
import { callsByDeployments, callsByOthers, deployments } from './private/monitoring/deployments';
import { LedgerAlarms } from './private/monitoring/ledger-alarms';
import { Notices } from './private/monitoring/notices';
import { ProxyAlarms } from './private/monitoring/proxy-alarms';
import { tamperingWatches } from './private/monitoring/tampering';
import { refuse, type PropProblem } from './private/validation';

/** What can be chosen about the monitoring of an audit trail. */
export interface AuditMonitoringOptions {
  /**
   * Whom alarms tell. Its policy must let `cloudwatch.amazonaws.com` publish.
   *
   * @default - a topic is made that nobody subscribes to yet; see `AuditMonitoring.alarmTopic`
   */
  readonly alarmTopic?: sns.ITopic;

  /**
   * How old a record in a delivery stream may grow before an alarm rings. Firehose keeps what it cannot deliver for 24
   * hours. Should be more than one and a half times the buffering interval of the trail.
   *
   * @default Duration.minutes(30)
   */
  readonly deliveryLagLimit?: Duration;

  /**
   * How long an object may lie in the bucket without being sealed in the ledger before an alarm rings. Sealing takes about
   * two minutes, and what fails is tried again after half an hour.
   *
   * @default Duration.minutes(15)
   */
  readonly sealLagLimit?: Duration;

  /**
   * Share of requests that may be answered with 5xx before an alarm rings, in percent, above 0 and up to 100. Answers of
   * services count too.
   *
   * @default 5
   */
  readonly serverErrorPercent?: number;
}

/** Props of the monitoring of an audit trail. */
export interface AuditMonitoringProps extends AuditMonitoringOptions {
  /** Where audit events come to rest. */
  readonly trail: AuditTrail;

  /** The access proxies that write to the trail. Make them first, since each kind of API adds a stream to the trail. */
  readonly accessProxies: AccessProxy[];
}

const DEFAULT_DELIVERY_LAG = Duration.minutes(30);
const DEFAULT_SEAL_LAG = Duration.minutes(15);
const DEFAULT_SERVER_ERROR_PERCENT = 5;

/**
 * Alarms and a dashboard: events that no sink took, records that could not be converted, trouble with delivery, sealing,
 * function and API, and attempts to tamper with the trail. What each alarm means, and what to do, stands in docs/operations.md.
 *
 * Attempts to tamper are seen where the account has a CloudTrail trail that logs management events in the region of the
 * stack. Without one, `Tampering` never rings.
 *
 * @see https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-service-event-cloudtrail.html
 */
export class AuditMonitoring extends Construct {
  /** Whom alarms tell. Subscribe to it. */
  public readonly alarmTopic: sns.ITopic;

  /** The alarms that tell the topic. */
  public readonly alarms: cloudwatch.IAlarm[];

  /**
   * Which objects came under `errors/`, and who made which call on a part of the trail: events of EventBridge, one a line,
   * kept for a year.
   */
  public readonly noticesLogGroup: logs.ILogGroup;

  /** Requests, latency, how long environments are held after the answer, delivery, and the state of all alarms. */
  public readonly dashboard: cloudwatch.Dashboard;

  constructor(scope: Construct, id: string, props: AuditMonitoringProps) {
    super(scope, id);
    const { trail, accessProxies, deliveryLagLimit = DEFAULT_DELIVERY_LAG } = props;
    const { sealLagLimit = DEFAULT_SEAL_LAG, serverErrorPercent = DEFAULT_SERVER_ERROR_PERCENT } = props;
    refuse(this, percentProblems(serverErrorPercent));
    const { deliveryStreams, edgeDeliveryStreams, ledger } = trail;
    const allStreams = [...deliveryStreams, ...edgeDeliveryStreams];
    const functionLogs = accessProxies.map(({ functionLogGroup }) => functionLogGroup);
    const metricNamespace = `AuditProxy/${Names.uniqueResourceName(this, { maxLength: 200, separator: '-' })}`;

    this.alarmTopic = props.alarmTopic ?? newAlarmTopic(this, 'Topic');
    const alarms = new Alarms(this.alarmTopic);

    const lastResort = lastResortMetric(this, functionLogs, metricNamespace);
    alarms.add(this, 'LastResort', lastResort, {
      name: 'LastResort',
      what: 'no sink took an audit event; it is a line on the log of the proxy function',
    });

    const notices = new Notices(this, 'Notices', { metricNamespace, key: trail.operationalKey });
    this.noticesLogGroup = notices.logGroup;
    const errorObjects = this.watchErrors(notices, trail, alarms);
    const tampering = this.watchTampering(notices, trail, accessProxies, alarms);
    this.watchNotices(notices, alarms);

    deliveryStreams.forEach(
      (stream, index) => new DeliveryAlarms(this, `Stream${index}`, { stream, deliveryLagLimit, alarms }),
    );
    edgeDeliveryStreams.forEach(
      (stream, index) => new DeliveryAlarms(this, `Edge${index}`, { stream, deliveryLagLimit, alarms }),
    );
    accessProxies.forEach(
      (access, index) => new ProxyAlarms(this, `Proxy${index}`, { access, serverErrorPercent, alarms }),
    );
    if (ledger !== undefined) new LedgerAlarms(this, 'Ledger', { ledger, sealLagLimit, alarms });
    this.alarms = alarms.told;
    this.dashboard = monitoringDashboard(this, 'Dashboard', {
      accessProxies,
      deliveryStreams: allStreams,
      ledger,
      alarms: this.alarms,
      lastResort,
      errorObjects,
      tampering,
    });
  }

  private watchErrors(notices: Notices, { bucket }: AuditTrail, alarms: Alarms): cloudwatch.Metric {
    const detailType = 'Object Created';
    notices.write('ErrorObject', 'Records that Firehose could not convert', {
      source: ['aws.s3'],
      detailType: [detailType],
      detail: { bucket: { name: [bucket.bucketName] }, object: { key: [{ prefix: ERRORS_PREFIX }] } },
    });
    const metric = notices.count('ErrorObjects', logs.FilterPattern.stringValue('$.detail-type', '=', detailType));
    alarms.add(this, 'ErrorObjects', metric, {
      name: 'ErrorObjects',
      what: 'Firehose put records under errors/ that it could not convert or partition',
    });
    return metric;
  }

  private watchTampering(
    notices: Notices,
    trail: AuditTrail,
    accessProxies: readonly AccessProxy[],
    alarms: Alarms,
  ): cloudwatch.Metric {
    const { ledger } = trail;
    const parts = accessProxies.map(({ _guarded }) => _guarded);
    const watches = tamperingWatches({
      deliveryStreams: [...trail.deliveryStreams, ...trail.edgeDeliveryStreams],
      keys: [trail.key, trail.operationalKey, ...(ledger === undefined ? [] : [ledger.signingKey])],
      ledger,
      bucket: trail.bucket,
      databaseName: trail.catalog.databaseName,
      logGroups: [
        ...parts.flatMap(({ logGroups }) => logGroups),
        ...(ledger === undefined ? [] : [ledger.sealerLogGroup]),
        trail.deliveryLogGroup,
        notices.logGroup,
      ],
      functions: [...parts.flatMap(({ functions }) => functions), ...(ledger === undefined ? [] : [ledger.sealer])],
      roles: [...parts.flatMap(({ roles }) => roles), ...(ledger === undefined ? [] : [ledger.sealerRole])],
      apiIds: parts.map(({ apiId }) => apiId),
      secrets: [
        ...parts.flatMap(({ secrets }) => secrets),
        ...(trail.pseudonymKey === undefined ? [] : [{ secret: trail.pseudonymKey }]),
      ],
      topic: this.alarmTopic,
      ownRules: notices.ruleNames,
    });
    for (const { id, description, eventPattern } of watches) {
      const rule = notices.write(id, description, eventPattern);
      // The deployment that makes the trail does not fill the log.
      rule.node.addDependency(...trail.node.children);
    }
    notices.write('Deployments', 'Beginning and end of deployments, whose own calls do not ring', deployments);
    notices.count('DeploymentCalls', callsByDeployments(trail._deployRoleArns));
    const metric = notices.count('Tampering', callsByOthers(trail._deployRoleArns));
    alarms.add(this, 'Tampering', metric, {
      name: 'Tampering',
      what: 'somebody changed, or tried to change, a part of the trail, of an access proxy, or of what watches them',
    });
    return metric;
  }

  private watchNotices({ undelivered }: Notices, alarms: Alarms): void {
    const waiting = undelivered.metricApproximateNumberOfMessagesVisible({
      statistic: cloudwatch.Stats.MAXIMUM,
      period: PERIOD,
    });
    alarms.add(this, 'NoticesUndelivered', waiting, {
      name: 'NoticesUndelivered',
      what: 'EventBridge could not write events into the notices log; they wait in a queue',
    });
  }
}

function percentProblems(percent: number): PropProblem[] {
  if (Token.isUnresolved(percent) || (percent > 0 && percent <= 100)) return [];
  return [{ key: 'serverErrorPercent', message: `must be above 0 and at most 100; got ${percent}` }];
}
