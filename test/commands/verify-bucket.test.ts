import { S3Client } from '@aws-sdk/client-s3';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { SealedTrail } from '../evidence/support';
import { standIn } from '../recover/aws/stand-in';
import { runCli } from '../support/run-cli';
import { S3Server } from '../support/s3-server';
import { sealBucket, upload } from '../support/sealed-bucket';

// The command is started several times, which takes seconds each on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let trail: SealedTrail;
beforeEach(async () => void (trail = await SealedTrail.create()));

/** The sealed objects of a trail in a locked bucket, and what the command needs to find it. */
async function inBucket() {
  const s3 = await S3Server.start();
  s3.retentionDays = 30;
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  const client = new S3Client({ endpoint: s3.url, region: 'eu-central-1', forcePathStyle: true, credentials });
  onTestFinished(() => client.destroy());
  const { first, second, fallback } = trail.keys;
  await upload(client, 'trail', trail.dir, [first, second, fallback]);
  await sealBucket(client, 'trail', trail.signer);
  const { vkey } = trail.signer.verifier;
  const output = (key: string, value: string) =>
    `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`;
  const stack = `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>CREATE_COMPLETE</StackStatus>
    <StackId>arn:aws:cloudformation:eu-central-1:1:stack/s/1</StackId><Outputs>${output('BucketName', 'trail')}
    ${output('LedgerVkey', vkey)}</Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
  const { url } = await standIn(() => ({ headers: { 'content-type': 'text/xml' }, body: stack }));
  const env = {
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_MAX_ATTEMPTS: '1',
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_CLOUDFORMATION: url,
    NODE_NO_WARNINGS: '1',
  };
  const verify = (...args: string[]) => runCli(['verify', ...args], { env, cwd: trail.dir });
  return { s3, vkey, verify };
}

interface Report {
  readonly intact: boolean;
  readonly notices: readonly { readonly code: string }[];
  readonly totals: Readonly<Record<string, number>>;
  readonly key: string | null;
}

describe('audit-proxy verify', () => {
  it('takes a bucket with its key, and keeps its checkpoint', async () => {
    const { vkey, verify } = await inBucket();
    const first = await verify('--bucket', 'trail', '--key', vkey, '--first-run', '--format', 'json');
    expect(first).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(first.stdout) as Report;
    expect(report).toMatchObject({ intact: true, key: vkey, totals: { leaves: 3, hashed_objects: 3, events: 11 } });
    expect(report.notices.map(({ code }) => code)).toContain('NO_EARLIER_CHECKPOINT');

    const second = await verify('--bucket', 'trail', '--key', vkey);
    expect(second.code).toBe(0);
    expect(second.stdout).toMatch(/^trail +s3:\/\/trail$/m);
    expect(second.stdout).not.toContain('NO_EARLIER_CHECKPOINT');
  });

  it('takes a stack, and says that its key is not pinned', async () => {
    const { vkey, verify } = await inBucket();
    const { code, stdout } = await verify('--stack', 'ShopAudit', '--format', 'json');
    expect(code).toBe(0);
    const report = JSON.parse(stdout) as Report;
    expect(report.key).toBe(vkey);
    expect(report.notices.map((notice) => notice.code)).toContain('KEY_NOT_PINNED');
  });

  it('compares locks with the retention that was promised', async () => {
    const { vkey, verify } = await inBucket();
    const { code, stdout } = await verify(
      '--bucket',
      'trail',
      '--key',
      vkey,
      '--first-run',
      '--retention',
      '31d',
      '--format',
      'csv',
    );
    expect(code).toBe(1);
    expect(stdout.match(/^RETENTION_SHORTENED/gm)).toHaveLength(3);
  });

  it('says what keeps it from checking', async () => {
    const { s3, verify } = await inBucket();
    const unknownKey = await verify('--bucket', 'trail');
    expect(unknownKey).toMatchObject({ code: 2, stdout: '' });
    expect(unknownKey.stderr).toContain('give the one that signs its ledger with --key');
    s3.fault = () => ({ status: 403, code: 'AccessDenied' });
    const denied = await verify('--stack', 'ShopAudit');
    expect(denied).toMatchObject({ code: 2, stdout: '' });
    expect(denied.stderr).toMatch(
      /^audit-proxy: s3:\/\/trail\/ledger\/checkpoint: AccessDenied.*\(this needs s3:ListBucketVersions\)\n$/,
    );
    const both = await verify('--bucket', 'trail', '--local', trail.dir);
    expect(both.stderr).toContain("option '--bucket <name>' cannot be used with option '--local <dir>'");
  });
});
