import { describe, expect, it } from 'vitest';
import { bucketEndpoint, firehoseEndpoint } from '../../lambda/recorder/aws/endpoints';

describe('endpoints', () => {
  it.each([
    ['eu-west-1', 'https://firehose.eu-west-1.amazonaws.com', 'https://trail.s3.eu-west-1.amazonaws.com'],
    ['cn-north-1', 'https://firehose.cn-north-1.amazonaws.com.cn', 'https://trail.s3.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'https://firehose.us-gov-west-1.amazonaws.com', 'https://trail.s3.us-gov-west-1.amazonaws.com'],
    [
      'us-isob-east-1',
      'https://firehose.us-isob-east-1.sc2s.sgov.gov',
      'https://trail.s3.us-isob-east-1.sc2s.sgov.gov',
    ],
    ['eusc-de-east-1', 'https://firehose.eusc-de-east-1.amazonaws.eu', 'https://trail.s3.eusc-de-east-1.amazonaws.eu'],
  ])('of %s', (region, firehose, bucket) => {
    expect(firehoseEndpoint(region, {})).toBe(firehose);
    expect(bucketEndpoint('trail', region, {})).toBe(bucket);
  });

  it('can be told, as AWS SDKs are', () => {
    const environment = { AWS_ENDPOINT_URL_FIREHOSE: 'http://127.0.0.1:1', AWS_ENDPOINT_URL_S3: 'http://127.0.0.1:2' };
    expect(firehoseEndpoint('eu-west-1', environment)).toBe('http://127.0.0.1:1');
    expect(bucketEndpoint('trail', 'eu-west-1', environment)).toBe('http://127.0.0.1:2/trail');
  });

  it('are those of validated cryptography where that is asked for', () => {
    const environment = { AWS_USE_FIPS_ENDPOINT: 'true' };
    expect(firehoseEndpoint('us-east-1', environment)).toBe('https://firehose-fips.us-east-1.amazonaws.com');
    expect(bucketEndpoint('trail', 'us-east-1', environment)).toBe('https://trail.s3-fips.us-east-1.amazonaws.com');
  });
});
