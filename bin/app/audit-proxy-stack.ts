import { CfnOutput, Duration, Size, Stack, Validations, type StackProps } from 'aws-cdk-lib';
import * as cognito from 'aws-cdk-lib/aws-cognito';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import {
  AmbiguousPaths,
  ApiType,
  AuditProxy,
  Authorization,
  Guarantee,
  OnUnrecorded,
  type AssertionProps,
  CaptureRisk,
  type BodyCaptureProps,
  type PrivateFields,
  type RecordProps,
  type ClaimNameProps,
  type PolicyProps,
  type RouteProps,
} from '../../lib';
import type { CaptureRules, FieldNames, RecordRules } from '../../lib/routing/record';
import type { Route } from '../../lib/routing/route';
import type { AssertionConfig, AuditProxyConfig, AuthorizationConfig } from '../config/config';
import { connectionProps } from './connection-props';

export interface AuditProxyStackProps extends StackProps {
  readonly config: AuditProxyConfig;
}

/** What `audit-proxy.json` asks for, as one stack. */
export class AuditProxyStack extends Stack {
  constructor(scope: Construct, id: string, { config, ...props }: AuditProxyStackProps) {
    super(scope, id, { description: 'An access proxy for internal services and its audit trail', ...props });
    const { access, trail, monitoring } = new AuditProxy(this, 'AuditProxy', {
      routes: config.routes.map((route) => routeProps(this, route)),
      apiType: ApiType[config.api.type],
      authorization: authorization(this, config.api.authorization),
      throttling: { rateLimit: config.api.rateLimit, burstLimit: config.api.burstLimit },
      gatewaySecretVersion: config.api.gatewaySecretVersion,
      maxBodySize: Size.bytes(config.maxBodyBytes),
      identity: { claims: config.claimNames as ClaimNameProps },
      ...(config.policy && { policy: config.policy as PolicyProps }),
      retention: Duration.days(config.retentionDays),
      deliveryStreamCount: config.recording.streams,
      hedgeDelay: Duration.millis(config.recording.hedgeDelayMs),
      recordingLimit: Duration.millis(config.recording.limitMs),
      ...(config.assertion !== undefined && { assertion: assertionProps(config.assertion) }),
    });

    Validations.of(this).acknowledge({
      id: 'CloudFormation-Validate::W7001',
      reason: 'The CDK adds a mapping of address ranges to each stack with a delivery stream, used or not',
    });

    this.output('ApiUrl', access.url, 'Where callers send requests');
    this.output('FunctionName', access.handler.functionName, 'The proxy function');
    if (access.streamingHandler !== undefined) {
      const { functionName } = access.streamingHandler;
      this.output('StreamingFunctionName', functionName, 'The same for routes that stream their answers');
    }
    this.output(
      'FunctionLogGroupName',
      access.functionLogGroup.logGroupName,
      'Log of the proxy function, and of the one that streams',
    );
    this.output('BucketName', trail.bucket.bucketName, 'The locked bucket with the audit events');
    this.output('KeyArn', trail.key.keyArn, 'The key that encrypts them');
    this.output(
      'DeliveryStreamNames',
      trail.deliveryStreams.map(({ deliveryStreamName }) => deliveryStreamName).join(','),
      'Take audit events',
    );
    this.output(
      'EdgeDeliveryStreamNames',
      trail.edgeDeliveryStreams.map(({ deliveryStreamName }) => deliveryStreamName).join(','),
      'Take the edge log',
    );
    this.output('DeliveryLogGroupName', trail.deliveryLogGroup.logGroupName, 'What Firehose could not deliver');
    this.output('DatabaseName', trail.catalog.databaseName, 'Glue database with audit_events and audit_events_raw');
    this.output('WorkGroupName', trail.catalog.workGroupName, 'Athena workgroup for queries');
    if (trail.ledger !== undefined) {
      const { origin, vkey, sealer, sealerLogGroup, deadLetterQueue } = trail.ledger;
      this.output('LedgerOrigin', origin, 'The name that the ledger signs with');
      this.output('LedgerVkey', vkey, 'The public key of the ledger: keep it elsewhere too, and pin it to verify');
      this.output('SealerName', sealer.functionName, 'The function that seals');
      this.output('SealerLogGroupName', sealerLogGroup.logGroupName, 'Log of the sealer');
      this.output('UnsealedQueueUrl', deadLetterQueue.queueUrl, 'Notices of objects that could not be sealed');
    }
    if (access.accessLogGroup !== undefined) {
      const { logGroupName } = access.accessLogGroup;
      this.output('AccessLogGroupName', logGroupName, 'Access log of API Gateway, on its way to the edge log');
    }
    if (access.jwksUrl !== undefined) {
      this.output('JwksUrl', access.jwksUrl, 'Public keys of the assertions, for the services');
      this.output('AssertionIssuer', access.assertionIssuer!, 'Their issuer');
    }
    if (trail.pseudonymKey !== undefined) {
      this.output(
        'PseudonymKeyArn',
        trail.pseudonymKey.secretArn,
        'The secret that keys pseudonyms, to search by them',
      );
    }
    if (monitoring === undefined) return;
    this.output('AlarmTopicArn', monitoring.alarmTopic.topicArn, 'Alarms tell it; subscribe to it');
    this.output(
      'NoticesLogGroupName',
      monitoring.noticesLogGroup.logGroupName,
      'Which objects and calls alarms are about',
    );
    this.output('DashboardName', monitoring.dashboard.dashboardName, 'CloudWatch dashboard');
  }

  private output(name: string, value: string, description: string): void {
    new CfnOutput(this, name, { value, description });
  }
}

function routeProps(
  scope: Construct,
  { timeoutMs, guarantee, onUnrecorded, ambiguousPaths, stripHeaders, record, connection, ...route }: Route,
): RouteProps {
  return {
    ...route,
    ...(connection && { connection: connectionProps(scope, connection, route.path) }),
    ...(stripHeaders && { stripHeaders: [...stripHeaders] }),
    ...(record && { record: recordProps(record) }),
    timeout: Duration.millis(timeoutMs),
    guarantee: Guarantee[guarantee],
    onUnrecorded: onUnrecorded === 'refuse' ? OnUnrecorded.REFUSE : OnUnrecorded.ANSWER,
    ambiguousPaths: ambiguousPaths === 'forward' ? AmbiguousPaths.FORWARD : AmbiguousPaths.REFUSE,
  };
}

function recordProps({ headers, redact, pseudonymize, capture }: RecordRules): RecordProps {
  return {
    headers: [...headers],
    redact: privateFields(redact),
    pseudonymize: privateFields(pseudonymize),
    capture: {
      ...(capture.request && { request: bodyCaptureProps(capture.request) }),
      ...(capture.response && { response: bodyCaptureProps(capture.response) }),
      ...(capture.only && { only: [...capture.only] }),
    },
  };
}

function privateFields({ headers, query, body }: FieldNames): PrivateFields {
  return { headers: [...headers], query: [...query], body: [...body] };
}

function bodyCaptureProps({ contentTypes, maxBytes, acceptRisk }: CaptureRules): BodyCaptureProps {
  return {
    contentTypes: [...contentTypes],
    maxSize: Size.bytes(maxBytes),
    ...(acceptRisk !== undefined && { acceptRisk: CaptureRisk.SECRETS_MAY_BE_STORED }),
  };
}

function assertionProps({ issuer, lifetimeSeconds }: AssertionConfig): AssertionProps {
  return { issuer, lifetime: Duration.seconds(lifetimeSeconds) };
}

function authorization(scope: Construct, config: AuthorizationConfig): Authorization {
  switch (config.type) {
    case 'IAM':
      return Authorization.iam();
    case 'NONE':
      return Authorization.none();
    case 'COGNITO':
      return Authorization.cognito(cognito.UserPool.fromUserPoolArn(scope, 'UserPool', config.userPoolArn));
    case 'JWT':
      return Authorization.jwt({ issuer: config.issuer, audience: [...config.audience] });
    case 'LAMBDA':
      return Authorization.lambdaAuthorizer(
        // In the stack's own account and region, so that the stack may let API Gateway call it.
        lambda.Function.fromFunctionAttributes(scope, 'Authorizer', {
          functionArn: config.functionArn,
          sameEnvironment: true,
        }),
      );
  }
}
