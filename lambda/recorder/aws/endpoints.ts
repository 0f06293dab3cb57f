/** Domain of each partition, by the start of its regions' names. @see https://docs.aws.amazon.com/general/latest/gr/rande.html */
const DOMAINS: readonly (readonly [region: RegExp, domain: string])[] = [
  [/^cn-/, 'amazonaws.com.cn'],
  [/^us-iso-/, 'c2s.ic.gov'],
  [/^us-isob-/, 'sc2s.sgov.gov'],
  [/^us-isof-/, 'csp.hci.ic.gov'],
  [/^eu-isoe-/, 'cloud.adc-e.uk'],
  [/^eusc-/, 'amazonaws.eu'],
];

type Environment = Readonly<Record<string, string | undefined>>;

/** Base URL of Firehose, without a slash at the end. AWS_ENDPOINT_URL_FIREHOSE stands in for it, as with the AWS SDKs. */
export function firehoseEndpoint(region: string, environment: Environment): string {
  return environment.AWS_ENDPOINT_URL_FIREHOSE ?? `https://firehose${fips(environment)}.${region}.${domainOf(region)}`;
}

/**
 * Base URL of a bucket, without a slash at the end. With AWS_ENDPOINT_URL_S3 the bucket is the first part of the path,
 * since such an endpoint rarely has names for buckets.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/userguide/VirtualHosting.html
 */
export function bucketEndpoint(bucket: string, region: string, environment: Environment): string {
  const given = environment.AWS_ENDPOINT_URL_S3;
  if (given !== undefined) return `${given}/${bucket}`;
  return `https://${bucket}.s3${fips(environment)}.${region}.${domainOf(region)}`;
}

/** Base URL of Secrets Manager, without a slash at the end. */
export function secretsEndpoint(region: string, environment: Environment): string {
  const given = environment.AWS_ENDPOINT_URL_SECRETS_MANAGER;
  return given ?? `https://secretsmanager${fips(environment)}.${region}.${domainOf(region)}`;
}

/** Base URL of Systems Manager, without a slash at the end. */
export function parametersEndpoint(region: string, environment: Environment): string {
  return environment.AWS_ENDPOINT_URL_SSM ?? `https://ssm${fips(environment)}.${region}.${domainOf(region)}`;
}

/** @see https://docs.aws.amazon.com/sdkref/latest/guide/feature-endpoints.html */
function fips({ AWS_USE_FIPS_ENDPOINT }: Environment): string {
  return AWS_USE_FIPS_ENDPOINT === 'true' ? '-fips' : '';
}

function domainOf(region: string): string {
  return DOMAINS.find(([start]) => start.test(region))?.[1] ?? 'amazonaws.com';
}
