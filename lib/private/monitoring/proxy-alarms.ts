import * as cloudwatch from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { AccessProxy } from '../../access-proxy';
import { PERIOD, type Alarms } from './alarms';
import { functionAlarms, streamingAlarms } from './function-alarms';
import { apiMetrics } from './proxy-metrics';

export interface ProxyAlarmsProps {
  readonly access: AccessProxy;
  readonly serverErrorPercent: number;
  readonly alarms: Alarms;
}

/** What can go wrong with the functions and the API of one access proxy. */
export class ProxyAlarms extends Construct {
  constructor(scope: Construct, id: string, { access, serverErrorPercent, alarms }: ProxyAlarmsProps) {
    super(scope, id);
    const { handler, streamingHandler } = access;
    functionAlarms(this, handler, alarms);
    if (streamingHandler) streamingAlarms(new Construct(this, 'Streaming'), streamingHandler, alarms);
    const { serverErrors, requests } = apiMetrics(access);
    alarms.add(
      this,
      'ServerErrors',
      new cloudwatch.MathExpression({
        expression: '100 * errors / requests',
        label: '5xx in percent',
        period: PERIOD,
        usingMetrics: { errors: serverErrors, requests },
      }),
      { name: 'ServerErrors', what: 'too many requests get 5xx, by the proxy or by services behind it' },
      { threshold: serverErrorPercent, periods: 2 },
    );
  }
}
