import type * as iam from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AccessProxy, type AccessProxyOptions } from './access-proxy';
import { AuditMonitoring, type AuditMonitoringOptions } from './audit-monitoring';
import { AuditTrail, type AuditTrailProps } from './audit-trail';

/** Props of an audited access proxy: those of the proxy, of the trail and of the monitoring. */
export interface AuditProxyProps extends AccessProxyOptions, AuditTrailProps, AuditMonitoringOptions {
  /**
   * Whether alarms and a dashboard are made.
   *
   * @default true
   */
  readonly monitoring?: boolean;
}

/**
 * An access proxy for internal services, with the trail that keeps its audit events, and alarms.
 *
 * Everything that the parts offer is there under `access`, `trail` and `monitoring`; build them yourself to share one
 * trail among several proxies.
 */
export class AuditProxy extends Construct {
  /** API Gateway and the proxy function. */
  public readonly access: AccessProxy;

  /** Where audit events come to rest. */
  public readonly trail: AuditTrail;

  /** Alarms and a dashboard; undefined where the prop `monitoring` is false. */
  public readonly monitoring?: AuditMonitoring;

  // eslint-disable-next-line cdk/no-unused-props -- they are passed on whole to the parts that use them
  constructor(scope: Construct, id: string, props: AuditProxyProps) {
    super(scope, id);
    this.trail = new AuditTrail(this, 'Trail', props);
    this.access = new AccessProxy(this, 'Access', { ...props, trail: this.trail });
    if (props.monitoring ?? true) {
      this.monitoring = new AuditMonitoring(this, 'Monitoring', {
        alarmTopic: props.alarmTopic,
        deliveryLagLimit: props.deliveryLagLimit,
        sealLagLimit: props.sealLagLimit,
        serverErrorPercent: props.serverErrorPercent,
        trail: this.trail,
        accessProxies: [this.access],
      });
    }
  }

  /** URL under which the routes are, with a slash at the end. */
  public get url(): string {
    return this.access.url;
  }

  /**
   * Lets a principal call every route. Has an effect where the authorization is IAM.
   *
   * @param grantee who may call
   */
  public grantInvoke(grantee: iam.IGrantable): iam.Grant {
    return this.access.grantInvoke(grantee);
  }

  /**
   * Lets a principal query the audit events by Athena.
   *
   * @param grantee who may query
   */
  public grantQuery(grantee: iam.IGrantable): void {
    this.trail.catalog.grantQuery(grantee);
  }
}
