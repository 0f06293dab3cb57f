import type { Template } from 'aws-cdk-lib/assertions';

export const ACCOUNT = '123456789012';
export const REGION = 'eu-west-1';
const UUID = '12345678-90ab-4cde-8f01-';

interface Found {
  readonly Type: string;
  readonly Properties?: Record<string, unknown>;
}

/** What a template says once it is deployed: references become names, ids and ARNs as AWS gives them. */
export class Deployed {
  private readonly found: Record<string, Found>;

  constructor(template: Template) {
    this.found = (template.toJSON() as { Resources: Record<string, Found> }).Resources;
  }

  /** Logical ids of the resources of a type. */
  ids(type: string, start = ''): string[] {
    return Object.keys(this.found).filter((id) => this.found[id]!.Type === type && id.startsWith(start));
  }

  ref(id: string): string {
    return this.reference(id);
  }

  arn(id: string): string {
    return this.attribute(id, 'Arn');
  }

  properties(id: string): Record<string, unknown> {
    return this.resolve(this.found[id]!.Properties) as Record<string, unknown>;
  }

  /** Evaluates intrinsic functions. */
  resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map((one) => this.resolve(one));
    if (typeof value !== 'object' || value === null) return value;
    const [[name, of] = ['', undefined], ...more] = Object.entries(value);
    if (more.length === 0) {
      if (name === 'Ref') return this.reference(String(of));
      if (name === 'Fn::GetAtt') return this.attribute(...(of as [string, string]));
      if (name === 'Fn::Sub') return String(of).replace(/\$\{([\w:]+)\}/g, (_, id: string) => this.reference(id));
      if (name.startsWith('Fn::')) return this.evaluate(name, this.resolve(of) as unknown[]);
    }
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.resolve(inner)]));
  }

  private evaluate(name: string, [first, second]: unknown[]): unknown {
    if (name === 'Fn::Join') return (second as string[]).join(String(first));
    if (name === 'Fn::Split') return String(second).split(String(first));
    if (name === 'Fn::Select') return (second as string[])[Number(first)];
    throw new Error(`no ${name} here`);
  }

  private reference(id: string): string {
    const pseudo: Record<string, string> = {
      'AWS::AccountId': ACCOUNT,
      'AWS::Region': REGION,
      'AWS::Partition': 'aws',
      'AWS::StackName': 'ShopAudit',
      'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/ShopAudit/0a1b2c3d-0000-11ef-8000-0123456789ab`,
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::NoValue': '',
    };
    if (id in pseudo) return pseudo[id]!;
    const { Type: type = 'a parameter' } = this.found[id] ?? {};
    switch (type) {
      case 'AWS::KMS::Key':
      case 'AWS::Lambda::EventSourceMapping':
        return `${UUID}${hash(id).padStart(12, '0')}`;
      case 'AWS::SQS::Queue':
        return `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${physicalName(id)}`;
      case 'AWS::SNS::Topic':
        return `arn:aws:sns:${REGION}:${ACCOUNT}:${physicalName(id)}`;
      case 'AWS::SecretsManager::Secret':
        return `arn:aws:secretsmanager:${REGION}:${ACCOUNT}:secret:${id}-${hash(id)}A1b2-q8Zx1P`;
      case 'AWS::ApiGateway::RestApi':
      case 'AWS::ApiGatewayV2::Api':
        return `a1${hash(id)}`.slice(0, 10);
      default:
        return String(this.explicitName(id) ?? physicalName(id));
    }
  }

  private explicitName(id: string): unknown {
    const { Properties: properties } = this.found[id] ?? {};
    const names = ['DeliveryStreamName', 'BucketName', 'LogGroupName', 'RoleName', 'FunctionName', 'Name'];
    const own = names.map((name) => properties?.[name]).find((name) => name !== undefined);
    return own === undefined ? undefined : this.resolve(own);
  }

  private attribute(id: string, attribute: string): string {
    const name = this.reference(id);
    if (attribute === 'QueueName') return physicalName(id);
    if (attribute === 'RootResourceId') return hash(id);
    if (attribute !== 'Arn') return `${name}.${attribute}`;
    switch (this.found[id]?.Type) {
      case 'AWS::Lambda::Function':
        return `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${name}`;
      case 'AWS::KMS::Key':
        return `arn:aws:kms:${REGION}:${ACCOUNT}:key/${name}`;
      case 'AWS::IAM::Role':
        return `arn:aws:iam::${ACCOUNT}:role/${name}`;
      case 'AWS::SQS::Queue':
        return `arn:aws:sqs:${REGION}:${ACCOUNT}:${physicalName(id)}`;
      case 'AWS::Logs::LogGroup':
        return `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:${name}:*`;
      case 'AWS::S3::Bucket':
        return `arn:aws:s3:::${name}`;
      case 'AWS::Events::Rule':
        return `arn:aws:events:${REGION}:${ACCOUNT}:rule/${name}`;
      case 'AWS::KinesisFirehose::DeliveryStream':
        return `arn:aws:firehose:${REGION}:${ACCOUNT}:deliverystream/${name}`;
      default:
        return `arn:aws:any:${REGION}:${ACCOUNT}:${name}`;
    }
  }
}

/** As CloudFormation makes one. */
function physicalName(id: string): string {
  return `ShopAudit-${id.slice(0, 40)}-${hash(id)}Qx7Y`.slice(0, 64);
}

/** Not the same for two ids, in practice. */
function hash(text: string): string {
  let value = 7;
  for (const char of text) value = (value * 31 + char.charCodeAt(0)) % 0xffff_ffff;
  return value.toString(16).padStart(8, '0');
}
