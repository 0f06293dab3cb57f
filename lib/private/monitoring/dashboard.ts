import { Duration } from 'aws-cdk-lib';
import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import type * as firehose from 'aws-cdk-lib/aws-kinesisfirehose';
import type { Construct } from 'constructs';
import type { AccessProxy } from '../../access-proxy';
import type { AuditLedger } from '../../audit-ledger';
import { PERIOD } from './alarms';
import { freshness } from './delivery-alarms';
import { sealLag } from './ledger-alarms';
import { apiMetrics, functionMetrics } from './proxy-metrics';

export interface DashboardProps {
  readonly accessProxies: readonly AccessProxy[];
  readonly deliveryStreams: readonly firehose.IDeliveryStream[];
  readonly ledger: AuditLedger | undefined;
  readonly alarms: readonly cloudwatch.IAlarm[];
  readonly lastResort: cloudwatch.Metric;
  readonly errorObjects: cloudwatch.Metric;
  readonly tampering: cloudwatch.Metric;
}

/** Widgets of one row; a dashboard is 24 wide. */
const WIDTH = 8;

/** What one widget takes. */
const MAX_ALARMS = 100;

/** One page: what the proxies do, what recording costs them, and whether everything arrives. */
export function monitoringDashboard(scope: Construct, id: string, props: DashboardProps): cloudwatch.Dashboard {
  const { accessProxies, deliveryStreams, ledger, alarms, lastResort, errorObjects, tampering } = props;
  return new cloudwatch.Dashboard(scope, id, {
    defaultInterval: Duration.hours(12),
    widgets: [
      [
        new cloudwatch.AlarmStatusWidget({ title: 'Alarms', alarms: alarms.slice(0, MAX_ALARMS), width: 2 * WIDTH }),
        graph('Not as it should be', [lastResort, errorObjects, tampering]),
      ],
      ...accessProxies.flatMap(proxyRows),
      streamRow(deliveryStreams),
      ...(ledger === undefined ? [] : [ledgerRow(ledger)]),
    ],
  });
}

function proxyRows(access: AccessProxy): cloudwatch.IWidget[][] {
  const api = apiMetrics(access);
  const { duration, held } = functionMetrics(access.handler);
  const title = (of: string) => `${of} (${access.node.path})`;
  const row = [
    graph(title('Requests, refusals, errors'), [api.requests, api.clientErrors, api.serverErrors]),
    graph(title('Latency for callers, ms'), ['p50', 'p99'].map(api.latency)),
    graph(title('Function, and held after the answer, ms'), [
      duration('Average'),
      duration('p99'),
      held('Average'),
      held('p99'),
    ]),
  ];
  if (access.streamingHandler === undefined) return [row];
  const streaming = functionMetrics(access.streamingHandler);
  return [
    row,
    [
      graph(title('Streamed answers at once'), [streaming.atOnce]),
      graph(title('Streamed answers, ms'), ['p50', 'p99', 'Maximum'].map(streaming.duration)),
      graph(title('Streamed answers broken off'), [streaming.answersBrokenOff]),
    ],
  ];
}

function streamRow(streams: readonly firehose.IDeliveryStream[]): cloudwatch.IWidget[] {
  const each = (name: string) =>
    streams.map((stream) => stream.metric(name, { statistic: cloudwatch.Stats.SUM, period: PERIOD }));
  return [
    new cloudwatch.GraphWidget({
      title: 'Records into streams; bytes on the right',
      width: WIDTH,
      left: each('IncomingRecords'),
      right: each('IncomingBytes'),
    }),
    graph('Records that streams refused', each('ThrottledRecords')),
    graph('Age of the oldest record not delivered, s', streams.map(freshness)),
  ];
}

function ledgerRow(ledger: AuditLedger): cloudwatch.IWidget[] {
  return [
    new cloudwatch.GraphWidget({
      title: 'Objects sealed; leaves in the ledger on the right',
      width: WIDTH,
      left: [ledger.metricObjectsSealed()],
      right: [ledger.metricTreeSize()],
    }),
    graph('Age of the oldest notice not sealed, s', [sealLag(ledger)]),
    graph('Not sealed as it should be', [
      ledger.metricSealingStopped(),
      ledger.metricObjectsUnreadable(),
      ledger.metricNoticesLost(),
    ]),
  ];
}

function graph(title: string, left: cloudwatch.IMetric[]): cloudwatch.GraphWidget {
  return new cloudwatch.GraphWidget({ title, left, width: WIDTH });
}
