import { Size } from 'aws-cdk-lib';
import { CfnStage } from 'aws-cdk-lib/aws-apigateway';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, it } from 'vitest';
import { AuditProxy, CaptureRisk } from '../../lib';
import { accessLogFormat } from '../../lib/edge-log/access-log-format';
import {
  flat,
  newStack,
  resources,
  roleStatements,
  ROUTE,
  settingsOf,
  synthProxy,
  theResource,
  type Statement,
} from './support';

const record = {
  headers: ['X-Tenant'],
  redact: { body: ['/customer/email'] },
  pseudonymize: { query: ['customer'] },
  capture: {
    request: {},
    response: { contentTypes: ['text/*'], acceptRisk: CaptureRisk.SECRETS_MAY_BE_STORED, maxSize: Size.kibibytes(2) },
  },
};
const { template, proxy } = synthProxy({ routes: [{ ...ROUTE, record }] });
const plain = synthProxy();

function bucketStatements(of = template): Statement[] {
  const policy = theResource(of, 'AWS::S3::BucketPolicy', 'ProxyTrailLocked');
  return policy.Properties.PolicyDocument.Statement as Statement[];
}

it('leaves the path out of the edge log where the stage’s format is overridden as the docs tell', () => {
  const stack = newStack();
  const other = new AuditProxy(stack, 'Proxy', { routes: [ROUTE] });
  const stage = other.access.restApi!.deploymentStage.node.defaultChild as CfnStage;
  const { format } = stage.accessLogSetting as CfnStage.AccessLogSettingProperty;
  stage.addPropertyOverride('AccessLogSetting.Format', format!.replace('"$context.path"', '"-"'));
  const [{ Properties } = { Properties: {} }] = Object.values(
    Template.fromStack(stack).findResources('AWS::ApiGateway::Stage'),
  );
  const written = JSON.parse(
    (Properties as { AccessLogSetting: { Format: string } }).AccessLogSetting.Format,
  ) as object;
  expect(written).toEqual({ ...accessLogFormat('restApi'), path: '-' });
});

describe('what routes say of recording', () => {
  it('is told to the function, with the key of pseudonyms, which belongs to the trail and outlives the stack', () => {
    const settings = settingsOf(template, 'ProxyAccessFunction');
    expect(settings.routes[0]?.record?.capture.response).toEqual({ contentTypes: ['text/*'], acceptRisk: 'secrets may be stored', maxBytes: 2048 });
    expect(settings.pseudonymKey).toMatch(/^\$\{ProxyTrailPseudonymKeySecret\w+\}$/);
    expect(theResource(template, 'AWS::SecretsManager::Secret', 'ProxyTrail')).toMatchObject({
      DeletionPolicy: 'Retain',
      Properties: { GenerateSecretString: { PasswordLength: 64, ExcludePunctuation: true } },
    });
    expect(proxy.trail.pseudonymKey).toBeDefined();
    expect(plain.proxy.trail.pseudonymKey).toBeUndefined();
    expect(resources(plain.template, 'AWS::SecretsManager::Secret', 'ProxyTrail')).toEqual([]);
  });

  it('lets the function write captured bodies, nobody else, and each once', () => {
    const rights = JSON.stringify(flat(roleStatements(theResource(template, 'AWS::IAM::Role', 'ProxyAccessFunctionRole'))));
    expect(rights).toContain('/payloads/*');
    const bySid = (sid: string) => bucketStatements().find(({ Sid }) => Sid === sid);
    expect(JSON.stringify(flat(bySid('OnlyWriterPayloads')))).toMatch(/ProxyAccessFunctionRole.*payloads\/\*/);
    expect(bySid('PayloadsIsWrittenOnce')).toMatchObject({ Effect: 'Deny' });
    expect(JSON.stringify(bySid('NobodyWritesElsewhere')?.NotResource)).toContain('payloads/*');
  });

  it('opens nothing where no route captures', () => {
    const rights = JSON.stringify(roleStatements(theResource(plain.template, 'AWS::IAM::Role', 'ProxyAccessFunctionRole')));
    expect(rights).not.toContain('payloads');
    const elsewhere = bucketStatements(plain.template).find(({ Sid }) => Sid === 'NobodyWritesElsewhere');
    expect(JSON.stringify(elsewhere?.NotResource)).not.toContain('payloads');
  });

  it('is refused where it is wrong, with the place', () => {
    const wrong = { headers: ['cookie'], redact: { body: ['a'] }, capture: { request: { maxSize: Size.mebibytes(2) } } };
    const unparsed = { capture: { response: { contentTypes: ['text/plain'] } } };
    expect(() => synthProxy({ routes: [{ ...ROUTE, record: unparsed }] })).toThrow(
      /routes\[0\]\.record\.capture\.response\.contentTypes\[0\]: must be JSON .*acceptRisk must be "secrets may be stored"; got "text\/plain"/,
    );
    expect(() => synthProxy({ routes: [{ ...ROUTE, record: wrong }] })).toThrow(
      /routes\[0\]\.record\.headers\[0\]: must not be .*\n.*routes\[0\]\.record\.redact\.body\[0\]: must be a JSON pointer.*\n.*routes\[0\]\.record\.capture\.request\.maxSize: must be from 1 byte to 1 MiB; got 2097152 bytes/,
    );
  });
}); // prettier-ignore
