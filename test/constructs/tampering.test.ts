import { Duration } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { AccessProxy, ApiType, AuditMonitoring, AuditTrail } from '../../lib';
import { Deployed, ACCOUNT, REGION } from './deployed';
import { matches } from './event-pattern';
import { matchesFilter } from './filter-pattern';
import { newStack, ROUTE } from './support';

const stack = newStack();
const trail = new AuditTrail(stack, 'Trail');
const record = { pseudonymize: { headers: ['x-customer'] } };
const accessProxies = [ApiType.REST, ApiType.HTTP].map((apiType, n) => {
  const routes = [{ ...ROUTE, record, streaming: apiType === ApiType.REST }];
  return new AccessProxy(stack, `Access${n}`, { routes, apiType, trail, assertion: { rotation: Duration.days(30) } });
});
new AuditMonitoring(stack, 'Monitoring', { trail, accessProxies });
const template = Template.fromStack(stack);
const deployed = new Deployed(template);

const RULE = 'AWS::Events::Rule';
const FUNCTION = 'AWS::Lambda::Function';
const rules = deployed.ids(RULE, 'MonitoringNotices').map((id) => deployed.properties(id));
const patterns = rules.map(({ EventPattern: pattern }) => pattern as Record<string, unknown>);
const filterOf = (name: string) => {
  const [id] = deployed.ids('AWS::Logs::MetricFilter', `MonitoringNotices${name}`);
  return String(deployed.properties(id!).FilterPattern);
};
/** What EventBridge writes into the log, and what the alarm counts of that. */
const logged = (event: unknown) => patterns.some((pattern) => matches(pattern, event));
const rings = (event: unknown) => logged(event) && matchesFilter(filterOf('Tampering'), event);

const DEPLOY_ROLE = `arn:aws:iam::${ACCOUNT}:role/cdk-hnb659fds-cfn-exec-role-${ACCOUNT}-${REGION}`;
const session = (roleArn: string, name: string) => ({
  type: 'AssumedRole',
  arn: `${roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/')}/${name}`,
  accountId: ACCOUNT,
  sessionContext: { sessionIssuer: { type: 'Role', arn: roleArn, accountId: ACCOUNT } },
});
const somebody = {
  userIdentity: { type: 'IAMUser', arn: `arn:aws:iam::${ACCOUNT}:user/mallory`, accountId: ACCOUNT },
  sourceIPAddress: '198.51.100.7',
  userAgent: 'aws-cli/2.31.0',
};
const deployment = {
  userIdentity: { ...session(DEPLOY_ROLE, 'AWSCloudFormation'), invokedBy: 'cloudformation.amazonaws.com' },
  sourceIPAddress: 'cloudformation.amazonaws.com',
  userAgent: 'cloudformation.amazonaws.com',
};

/** As CloudTrail hands it to EventBridge. */
function call(service: string, eventName: string, requestParameters: object | null, by: object = somebody) {
  return {
    version: '0',
    source: `aws.${service}`,
    'detail-type': 'AWS API Call via CloudTrail',
    account: ACCOUNT,
    region: REGION,
    detail: {
      eventVersion: '1.11',
      eventSource: `${service}.amazonaws.com`,
      eventName,
      awsRegion: REGION,
      eventType: 'AwsApiCall',
      managementEvent: true,
      requestParameters,
      ...by,
    },
  };
}

interface Target {
  readonly what: string;
  readonly service: string;
  readonly names: readonly string[];
  readonly parameters: readonly object[];
}

const one = (ids: readonly string[]) => {
  if (ids.length !== 1) throw new Error(`one expected, got ${ids.join()}`);
  return ids[0]!;
};
const cases = (text: string) => [text, text.toUpperCase(), text.toLowerCase()];

/** What Lambda takes for the name of a function. */
function functionNames(id: string): string[] {
  const name = deployed.ref(id);
  const bases = [name, `function:${name}`, `${ACCOUNT}:function:${name}`, `${ACCOUNT}:${name}`, deployed.arn(id)];
  return [...bases, ...bases.flatMap((base) => [`${base}:$LATEST`, `${base}:live`, `${base}:7`]), ...cases(name)];
}

const FUNCTION_CHANGES = [
  'UpdateFunctionCode20150331v2', 'UpdateFunctionConfiguration20150331v2', 'DeleteFunction20150331',
  'AddPermission20150331v2', 'RemovePermission20150331v2', 'CreateFunctionUrlConfig', 'UpdateFunctionUrlConfig',
  'DeleteFunctionUrlConfig', 'PutFunctionConcurrency20171031', 'DeleteFunctionConcurrency20171031',
  'PutFunctionEventInvokeConfig', 'CreateEventSourceMapping20150331', 'PublishVersion20150331', 'CreateAlias20150331',
  'UpdateAlias20150331', 'PutProvisionedConcurrencyConfig', 'PutRuntimeManagementConfig', 'PutFunctionCodeSigningConfig',
]; // prettier-ignore
const LOG_CHANGES = [
  'DeleteLogGroup', 'DeleteLogStream', 'PutSubscriptionFilter', 'DeleteSubscriptionFilter', 'PutMetricFilter',
  'DeleteMetricFilter', 'PutRetentionPolicy', 'DeleteRetentionPolicy', 'PutDataProtectionPolicy', 'PutTransformer',
  'AssociateKmsKey', 'DisassociateKmsKey', 'PutLogGroupDeletionProtection',
]; // prettier-ignore
const REST_CHANGES = [
  'UpdateStage', 'DeleteStage', 'CreateStage', 'UpdateIntegration', 'PutIntegration', 'DeleteIntegration', 'PutMethod',
  'UpdateMethod', 'DeleteMethod', 'CreateDeployment', 'PutRestApi', 'UpdateRestApi', 'DeleteRestApi', 'CreateResource',
]; // prettier-ignore
const HTTP_CHANGES = [
  'UpdateStage', 'DeleteStage', 'CreateIntegration', 'UpdateIntegration', 'UpdateRoute', 'CreateRoute', 'DeleteApi',
  'DeleteAccessLogSettings', 'UpdateApi', 'ReimportApi',
]; // prettier-ignore
const SECRET_CHANGES = [
  'PutSecretValue', 'UpdateSecret', 'DeleteSecret', 'PutResourcePolicy', 'DeleteResourcePolicy', 'RotateSecret',
  'CancelRotateSecret', 'UpdateSecretVersionStage', 'ReplicateSecretToRegions',
]; // prettier-ignore

const functions = [
  ...deployed.ids(FUNCTION, 'Access0Function'),
  ...deployed.ids(FUNCTION, 'Access1Function'),
  ...deployed.ids(FUNCTION, 'Access0AssertionKeys'),
  one(deployed.ids(FUNCTION, 'TrailLedgerSealer')),
];
const roleOf = (id: string) => String((deployed.properties(id) as { Role: string }).Role);
const guardedLogs = [
  'Access0FunctionLog', 'Access1FunctionLog', 'Access1AccessLog', 'TrailLedgerSealerLog', 'TrailDeliveryLog', 'MonitoringNoticesLog',
].map((start) => one(deployed.ids('AWS::Logs::LogGroup', start))); // prettier-ignore
const secretNames = (id: string) => {
  const arn = deployed.ref(id);
  const partial = arn.slice(0, -7);
  return [arn, partial, partial.slice(partial.lastIndexOf(':') + 1)].flatMap(cases);
};
const queues = deployed.ids('AWS::SQS::Queue', 'TrailLedgerNotices');
const topic = deployed.ref(one(deployed.ids('AWS::SNS::Topic', 'Monitoring')));
const bucketName = deployed.ref(one(deployed.ids('AWS::S3::Bucket', 'TrailLocked')));
const alarmNames = deployed.ids('AWS::CloudWatch::Alarm', 'Monitoring').map((id) => deployed.ref(id));
const watchedRules = [...deployed.ids(RULE, 'MonitoringNotices'), ...deployed.ids(RULE, 'TrailLedger')];
const mapping = deployed.ref(one(deployed.ids('AWS::Lambda::EventSourceMapping', 'TrailLedgerSealer')));

const targets: Target[] = [
  ...functions.map((id) => ({
    what: id,
    service: 'lambda',
    names: FUNCTION_CHANGES,
    parameters: functionNames(id).map((functionName) => ({ functionName })),
  })),
  ...functions.map((id) => ({
    what: `the role of ${id}`,
    service: 'lambda',
    names: ['CreateFunction20150331', 'UpdateFunctionConfiguration20150331v2'],
    parameters: cases(roleOf(id)).map((role) => ({ functionName: 'mine', role })),
  })),
  ...guardedLogs.map((id) => ({
    what: id,
    service: 'logs',
    names: LOG_CHANGES,
    parameters: [
      ...cases(deployed.ref(id)).map((logGroupName) => ({ logGroupName })),
      ...[deployed.ref(id), deployed.arn(id), deployed.arn(id).slice(0, -2)].flatMap((identifier) => [
        { logGroupIdentifier: identifier },
        { resourceIdentifier: identifier },
      ]),
    ],
  })),
  ...deployed.ids('AWS::ApiGateway::RestApi').map((id) => ({
    what: id,
    service: 'apigateway',
    names: REST_CHANGES,
    parameters: [{ restApiId: deployed.ref(id), stageName: 'prod' }],
  })),
  ...deployed.ids('AWS::ApiGatewayV2::Api').map((id) => ({
    what: id,
    service: 'apigateway',
    names: HTTP_CHANGES,
    parameters: [{ apiId: deployed.ref(id), stageName: '$default' }],
  })),
  ...deployed.ids('AWS::SecretsManager::Secret').map((id) => ({
    what: id,
    service: 'secretsmanager',
    names: SECRET_CHANGES,
    parameters: secretNames(id).map((secretId) => ({ secretId })),
  })),
  ...deployed.ids('AWS::KinesisFirehose::DeliveryStream').map((id) => ({
    what: id,
    service: 'firehose',
    names: [
      'DeleteDeliveryStream', 'UpdateDestination', 'StartDeliveryStreamEncryption', 'StopDeliveryStreamEncryption',
    ], // prettier-ignore
    parameters: cases(deployed.ref(id)).map((deliveryStreamName) => ({ deliveryStreamName })),
  })),
  ...deployed.ids('AWS::KMS::Key').map((id) => ({
    what: id,
    service: 'kms',
    names: ['ScheduleKeyDeletion', 'DisableKey', 'PutKeyPolicy', 'DisableKeyRotation', 'RevokeGrant', 'RetireGrant'],
    parameters: [deployed.ref(id), deployed.arn(id)].flatMap(cases).map((keyId) => ({ keyId })),
  })),
  {
    what: 'the bucket',
    service: 's3',
    names: [
      'PutBucketPolicy', 'DeleteBucketPolicy', 'PutBucketLifecycle', 'PutBucketObjectLockConfiguration', 'DeleteBucket',
      'PutBucketNotification', 'PutBucketVersioning', 'PutBucketReplication', 'UpdateObjectEncryption',
    ], // prettier-ignore
    parameters: cases(bucketName).map((name) => ({ bucketName: name })),
  },
  {
    what: 'the tables',
    service: 'glue',
    names: ['UpdateTable', 'DeleteTable', 'BatchDeleteTable', 'DeleteTableVersion'],
    parameters: cases('shop_audit').map((databaseName) => ({ databaseName, tableInput: {} })),
  },
  {
    what: 'the database',
    service: 'glue',
    names: ['DeleteDatabase'],
    parameters: cases('shop_audit').map((name) => ({ name })),
  },
  {
    what: 'the mapping',
    service: 'lambda',
    names: ['UpdateEventSourceMapping20150331', 'DeleteEventSourceMapping20150331'],
    parameters: cases(mapping).flatMap((id) => [{ uUID: id }, { uuid: id }]),
  },
  ...queues.map((id) => ({
    what: id,
    service: 'sqs',
    names: ['PurgeQueue', 'DeleteQueue', 'SetQueueAttributes', 'AddPermission', 'RemovePermission'],
    parameters: ['sqs.eu-west-1.amazonaws.com', 'eu-west-1.queue.amazonaws.com'].flatMap((host) =>
      cases(deployed.ref(id)).map((url) => ({ queueUrl: url.replace(/sqs\.eu-west-1\.amazonaws\.com/i, host) })),
    ),
  })),
  {
    what: 'notices carried elsewhere',
    service: 'sqs',
    names: ['StartMessageMoveTask'],
    parameters: queues.map((id) => ({
      sourceArn: deployed.arn(id),
      destinationArn: `arn:aws:sqs:${REGION}:${ACCOUNT}:mine`,
    })),
  },
  ...watchedRules.map((id) => ({
    what: id,
    service: 'events',
    names: ['DisableRule', 'DeleteRule', 'PutRule', 'PutTargets', 'RemoveTargets'],
    parameters: cases(deployed.ref(id)).flatMap((rule) => [{ name: rule }, { rule, ids: ['Target0'] }]),
  })),
  {
    what: 'the alarms',
    service: 'monitoring',
    names: ['DeleteAlarms', 'DisableAlarmActions', 'PutMetricAlarm', 'SetAlarmState', 'PutAlarmMuteRule'],
    parameters: alarmNames.flatMap((name) => [
      { alarmName: name },
      { alarmNames: ['another', name] },
      { muteTargets: { alarmNames: [name] } },
    ]),
  },
  {
    what: 'the topic',
    service: 'sns',
    names: ['DeleteTopic', 'SetTopicAttributes', 'Unsubscribe', 'RemovePermission'],
    parameters: [{ topicArn: topic }, { subscriptionArn: `${topic}:12345678-90ab-4cde-8f01-000000000000` }],
  },
];

describe('Tampering rings', () => {
  const all = targets.flatMap(({ what, service, names, parameters }) =>
    names.flatMap((name) =>
      parameters.map((requestParameters) => ({ what, event: call(service, name, requestParameters) })),
    ),
  );

  it('for every call of the table, in every spelling', () => {
    expect(all.length).toBeGreaterThan(3_000);
    const missed = all.filter(({ event }) => !rings(event)).map(({ what, event }) => [what, event.detail]);
    expect(missed.slice(0, 10)).toEqual([]);
  });

  const by = (userIdentity: object, sourceIPAddress = '198.51.100.7') => ({ userIdentity, sourceIPAddress });
  it.each([
    ['somebody with a role', by(session(`arn:aws:iam::${ACCOUNT}:role/admin`, 'me'))],
    ['the root of the account', by({ type: 'Root', arn: `arn:aws:iam::${ACCOUNT}:root` })],
    [
      'whoever calls their session as CloudFormation does',
      by(session(`arn:aws:iam::${ACCOUNT}:role/admin`, 'AWSCloudFormation')),
    ],
    [
      'whoever has a role of that name in another account',
      {
        ...deployment,
        userIdentity: {
          ...deployment.userIdentity,
          ...session(DEPLOY_ROLE.replace(`::${ACCOUNT}`, '::210987654321'), 'x'),
        },
      },
    ],
    [
      'whoever puts that name into theirs',
      {
        ...deployment,
        userIdentity: { ...deployment.userIdentity, ...session(`${DEPLOY_ROLE}-mine`, 'x') },
      },
    ],
    [
      'whoever puts it into their path',
      {
        ...deployment,
        userIdentity: { ...deployment.userIdentity, ...session(DEPLOY_ROLE.replace('role/', 'role/mine/'), 'x') },
      },
    ],
    ['whoever got hold of the deploy role', by(session(DEPLOY_ROLE, 'AWSCloudFormation'))],
    [
      'whoever got hold of it, and says to be CloudFormation',
      {
        ...by(session(DEPLOY_ROLE, 'AWSCloudFormation')),
        userAgent: 'cloudformation.amazonaws.com',
      },
    ],
    [
      'whoever deploys with another role',
      {
        ...deployment,
        userIdentity: {
          ...session(`arn:aws:iam::${ACCOUNT}:role/mine`, 'x'),
          invokedBy: 'cloudformation.amazonaws.com',
        },
      },
    ],
    [
      'whoever lets another service do it',
      {
        ...deployment,
        userIdentity: { ...session(DEPLOY_ROLE, 'x'), invokedBy: 'ssm.amazonaws.com' },
        sourceIPAddress: 'ssm.amazonaws.com',
      },
    ],
    ['somebody of whom CloudTrail says nothing', { userIdentity: undefined, sourceIPAddress: undefined }],
    ['whoever is refused', { ...somebody, errorCode: 'AccessDenied', errorMessage: 'is not authorized' }],
  ])('whoever it was: %s', (_, who) => {
    fc.assert(
      fc.property(fc.constantFrom(...all), ({ event }) => rings({ ...event, detail: { ...event.detail, ...who } })),
      { numRuns: 100, seed: 20_261_124 },
    );
  });
});

describe('Tampering does not ring', () => {
  it('for a deployment of the deploy role by CloudFormation, which is logged and counted by itself', () => {
    const events = targets.flatMap(({ service, names, parameters }) =>
      names.map((name) => call(service, name, parameters[0]!, deployment)),
    );
    for (const event of events) {
      expect({ logged: logged(event), rings: rings(event) }).toEqual({ logged: true, rings: false });
      expect(matchesFilter(filterOf('DeploymentCalls'), event)).toBe(true);
    }
  });

  it('for calls that one counter has and the other has not', () => {
    for (const who of [somebody, deployment, {}]) {
      const event = call('kms', 'DisableKey', {}, who);
      const counted = ['Tampering', 'DeploymentCalls'].filter((name) => matchesFilter(filterOf(name), event));
      expect(counted).toHaveLength(1);
    }
  });

  const handler = deployed.ref(functions[0]!);
  const stream = deployed.ref(one(deployed.ids('AWS::KinesisFirehose::DeliveryStream', 'TrailEvents0')));
  const key = deployed.ref(deployed.ids('AWS::KMS::Key')[0]!);
  const log = deployed.ref(guardedLogs[0]!);
  const secret = one(deployed.ids('AWS::SecretsManager::Secret', 'Access0AssertionKeys'));
  const [restApi] = deployed.ids('AWS::ApiGateway::RestApi');
  it.each([
    ['a read of a function', call('lambda', 'GetFunction20150331v2', { functionName: handler })],
    ['a call of a function', call('lambda', 'Invoke', { functionName: handler })],
    ['another function', call('lambda', 'UpdateFunctionCode20150331v2', { functionName: 'another' })],
    [
      'a function whose name begins like ours',
      call('lambda', 'DeleteFunction20150331', { functionName: `${handler}2` }),
    ],
    [
      'a function with another role',
      call('lambda', 'CreateFunction20150331', { role: `arn:aws:iam::${ACCOUNT}:role/x` }),
    ],
    ['another mapping', call('lambda', 'DeleteEventSourceMapping20150331', { uUID: 'another' })],
    ['a function that writes its log', call('logs', 'CreateLogStream', { logGroupName: log })],
    ['a function that writes its log', call('logs', 'PutLogEvents', { logGroupName: log })],
    ['a query of a log', call('logs', 'StartQuery', { logGroupName: log })],
    ['another log', call('logs', 'DeleteLogGroup', { logGroupName: 'another' })],
    ['a log whose name begins like ours', call('logs', 'DeleteLogGroup', { logGroupName: `${log}2` })],
    ['a record put into a stream', call('firehose', 'PutRecord', { deliveryStreamName: stream })],
    ['another stream', call('firehose', 'DeleteDeliveryStream', { deliveryStreamName: 'another' })],
    ['another key', call('kms', 'DisableKey', { keyId: 'another' })],
    ['signing', call('kms', 'Sign', { keyId: key })],
    ['data keys', call('kms', 'GenerateDataKey', { keyId: key })],
    ['another bucket', call('s3', 'PutBucketPolicy', { bucketName: 'another' })],
    ['an object', call('s3', 'PutObject', { bucketName })],
    ['another database', call('glue', 'UpdateTable', { databaseName: 'another', tableInput: {} })],
    ['a read of a table', call('glue', 'GetTable', { databaseName: 'shop_audit' })],
    ['another rule', call('events', 'DisableRule', { name: 'another' })],
    [
      'another queue',
      call('sqs', 'PurgeQueue', { queueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/another` }),
    ],
    ['notices that are given back', call('sqs', 'StartMessageMoveTask', { sourceArn: deployed.arn(queues[0]!) })],
    ['another API', call('apigateway', 'UpdateStage', { restApiId: 'another' })],
    ['a read of an API', call('apigateway', 'GetStage', { restApiId: deployed.ref(restApi!) })],
    ['another secret', call('secretsmanager', 'PutSecretValue', { secretId: 'another' })],
    ['a read of a secret', call('secretsmanager', 'GetSecretValue', { secretId: deployed.ref(secret) })],
    ['an alarm of another stack', call('monitoring', 'DeleteAlarms', { alarmNames: ['Another-Alarm'] })],
    ['a subscription', call('sns', 'Subscribe', { topicArn: topic })],
    ['no parameters', call('kms', 'DisableKey', null)],
  ])('for %s', (_, event) => {
    expect(logged(event)).toBe(false);
  });

  it.each(['AssertionKeys', 'GatewaySecret'])(
    'for the rotation of a secret by its own role, and for no other secret by that role: %s',
    (which) => {
      const [role] = deployed.ids('AWS::IAM::Role', `Access0${which}Role`).map((id) => deployed.arn(id));
      const [own, other] = ['Access0', 'Access1'].map((id) =>
        one(deployed.ids('AWS::SecretsManager::Secret', id + which)),
      );
      const put = (id: string) =>
        call('secretsmanager', 'PutSecretValue', { secretId: deployed.ref(id) }, { userIdentity: session(role!, 'x') });
      expect([own!, other!].map((id) => rings(put(id)))).toEqual([false, true]);
    },
  );
});

describe('the rules that watch', () => {
  it('have patterns that EventBridge takes: 2,048 characters, 1,000 combinations', () => {
    for (const pattern of patterns) {
      expect(JSON.stringify(pattern).length, JSON.stringify(pattern).slice(0, 200)).toBeLessThanOrEqual(2_048);
      const alternatives = JSON.stringify(pattern).match(/"\$or"/g) ?? [];
      expect(alternatives.length).toBeLessThanOrEqual(1);
    }
    expect(patterns.length).toBeLessThanOrEqual(25);
  });

  it('have patterns that are short enough for many streams with the longest names', () => {
    const many = newStack();
    const bigTrail = new AuditTrail(many, 'Trail', { deliveryStreamCount: 41 });
    new AuditMonitoring(many, 'Monitoring', { trail: bigTrail, accessProxies: [] });
    const big = new Deployed(Template.fromStack(many));
    const watches = big.ids(RULE, 'MonitoringNoticesStreamCalls').map((id) => big.properties(id).EventPattern);
    const names = watches.flatMap((pattern) => JSON.stringify(pattern).match(/ShopAudit-TrailEvents\w+-\w+/g) ?? []);
    expect(new Set(names).size).toBe(41);
    for (const pattern of watches) {
      const text = JSON.stringify(pattern).replace(/ShopAudit-TrailEvents\w+-\w+/g, 'x'.repeat(64));
      expect(text.length).toBeLessThanOrEqual(2_048);
    }
  });

  it('have names of their own that are short enough, and set aside what they cannot write', () => {
    for (const { Name: name, Targets: ruleTargets } of rules) {
      expect(String(name).length).toBeLessThanOrEqual(64);
      const queue = one(deployed.ids('AWS::SQS::Queue', 'MonitoringNoticesUndelivered'));
      expect(ruleTargets).toEqual([expect.objectContaining({ DeadLetterConfig: { Arn: deployed.arn(queue) } })]);
    }
  });

  it('count by patterns that CloudWatch Logs takes: 1,024 characters', () => {
    for (const name of ['Tampering', 'DeploymentCalls']) expect(filterOf(name).length).toBeLessThanOrEqual(1_024);
  });

  it('log when deployments of the stack begin and end', () => {
    const change = (stackId: string) => ({
      source: 'aws.cloudformation',
      'detail-type': 'CloudFormation Stack Status Change',
      detail: { 'stack-id': stackId, 'status-details': { status: 'UPDATE_IN_PROGRESS' } },
    });
    expect(logged(change(deployed.ref('AWS::StackId')))).toBe(true);
    expect(logged(change('arn:aws:cloudformation:eu-west-1:123456789012:stack/Another/1'))).toBe(false);
    expect(rings(change(deployed.ref('AWS::StackId')))).toBe(false);
  });

  it('are not the only ones with a queue for what they cannot deliver: every rule of the stack has one', () => {
    for (const id of deployed.ids(RULE)) {
      for (const target of deployed.properties(id).Targets as object[])
        expect(target).toHaveProperty('DeadLetterConfig.Arn');
    }
  });
});
