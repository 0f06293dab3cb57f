import { S3Client } from '@aws-sdk/client-s3';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { S3VersionedBucket } from '../../bin/aws/s3-versioned-bucket';
import { bucketSource } from '../../bin/evidence/bucket-source';
import { EvidenceUnavailable } from '../../bin/evidence/error';
import { findInHour } from '../../bin/evidence/hour-of-bucket';
import { proveEvent } from '../../bin/evidence/prove';
import { checkEvidence } from '../../lib/ledger/evidence';
import { standIn } from '../recover/aws/stand-in';
import { runCli } from '../support/run-cli';
import { S3Server } from '../support/s3-server';
import { put, sealBucket, upload } from '../support/sealed-bucket';
import { SealedTrail } from './support';

// Some tests start the command several times, which takes seconds each on a busy machine.
vi.setConfig({ testTimeout: 90_000 });

const BUCKET = 'trail';
const SCREEN = { width: undefined, color: false };
const HOUR_07 = { dt: '2026-11-24', hour: '07' };

let trail: SealedTrail;
let s3: S3Server;
let client: S3Client;

/** The objects of a trail in a bucket, where the sealer sealed three of them. */
beforeEach(async () => {
  trail = await SealedTrail.create();
});

async function inBucket(): Promise<void> {
  s3 = await S3Server.start();
  const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'secret' };
  client = new S3Client({ endpoint: s3.url, region: 'eu-central-1', forcePathStyle: true, credentials, maxAttempts: 1 });
  onTestFinished(() => client.destroy());
  const { first, second, fallback, unsealed } = trail.keys;
  await upload(client, BUCKET, trail.dir, [first, second, fallback]);
  await sealBucket(client, BUCKET, trail.signer);
  await upload(client, BUCKET, trail.dir, [unsealed]);
  s3.requests.length = 0;
} // prettier-ignore

async function prove(name: string, hour: string) {
  const bucket = new S3VersionedBucket(client, BUCKET);
  const events = (await findInHour(bucket, { ...HOUR_07, hour }, [name], SCREEN)).get(name)!;
  if (events instanceof EvidenceUnavailable) throw events;
  const { evidence } = await proveEvent(events[0]!, { source: bucketSource(bucket), key: trail.signer.verifier });
  return checkEvidence(evidence, trail.signer.verifier);
}

/** Keys of the objects that were asked for, the ledger's own files aside. */
const readKeys = () =>
  new Set(
    s3.requests
      .map(({ url }) => decodeURIComponent(url.split('?')[0]!).replace('/trail/', ''))
      .filter((key) => key.startsWith('events/') || key.startsWith('fallback/')),
  );

describe('evidence from a bucket', () => {
  it('holds for the key, for events in every kind of object, and takes nothing but objects of the hour', async () => {
    await inBucket();
    const { keys, first, second, fallback } = trail;
    for (const [hour, key, events] of [
      ['07', keys.first, first],
      ['08', keys.second, second],
      ['09', keys.fallback, fallback],
    ] as const) {
      s3.requests.length = 0;
      const { uid, fingerprint } = events.at(-1)!;
      expect(await prove(uid, hour)).toMatchObject({ sealed: { uid, fingerprint }, object: { key } });
      expect([...readKeys()]).toEqual([key]);
    }
  });

  it('names the version that was sealed, whatever hides it or lies over it', async () => {
    await inBucket();
    const { keys, first, second } = trail;
    const versionId = s3.objects.get(keys.first)![0]!.id;
    await put(client, BUCKET, keys.first, await readFile(path.join(trail.dir, keys.second)));
    s3.add(keys.first, '', { isDeleteMarker: true });
    expect((await prove(first[0]!.uid, '07')).object).toMatchObject({ key: keys.first, versionId });
    // What lies over it is sealed elsewhere.
    expect((await prove(second[0]!.uid, '08')).object.key).toBe(keys.second);
  });

  it('is not given for an event of another hour, or one that is not sealed', async () => {
    await inBucket();
    const { first, unsealed } = trail;
    await expect(prove(first[0]!.uid, '08')).rejects.toThrow(`has the uid or request id ${first[0]!.uid}`);
    await expect(prove(first[0]!.uid, '23')).rejects.toThrow('s3://trail has no events in the hour 2026-11-24T23');
    await expect(prove(unsealed[0]!.uid, '10')).rejects.toThrow('is not sealed yet');
  });

  it('is not given from a version that is gone, or was changed', async () => {
    await inBucket();
    const { keys, first } = trail;
    const reversed = await readFile(path.join(trail.dir, await trail.write('reversed', [...first].reverse())));
    s3.tamper(keys.first, (version) => ({ ...version, bytes: reversed }));
    await expect(prove(first[0]!.uid, '07')).rejects.toThrow(`${keys.first} is not the object that was sealed`);
    const copy = await readFile(path.join(trail.dir, keys.first));
    s3.tamper(keys.first, () => undefined);
    s3.add(keys.first, copy);
    await expect(prove(first[0]!.uid, '07')).rejects.toThrow(/version version\.1, is gone/);
  });

  it('leaves nothing of the objects behind', async () => {
    await inBucket();
    const folder = await mkdtemp(path.join(os.tmpdir(), 'prove-'));
    onTestFinished(() => rm(folder, { recursive: true, force: true }));
    vi.stubEnv('TMPDIR', folder);
    onTestFinished(() => void vi.unstubAllEnvs());
    await prove(trail.first[0]!.uid, '07');
    await expect(prove('nobody', '07')).rejects.toThrow('nobody');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('audit-proxy prove', () => {
  const aws = (endpoints: Readonly<Record<string, string>>) => ({
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_MAX_ATTEMPTS: '1',
    NODE_NO_WARNINGS: '1',
    ...endpoints,
  });

  const stackOf = (vkey: string) => `<DescribeStacksResponse><DescribeStacksResult><Stacks><member>
    <StackStatus>CREATE_COMPLETE</StackStatus><StackId>arn:aws:cloudformation:eu-central-1:1:stack/s/1</StackId><Outputs>
    <member><OutputKey>BucketName</OutputKey><OutputValue>trail</OutputValue></member>
    <member><OutputKey>LedgerVkey</OutputKey><OutputValue>${vkey}</OutputValue></member>
    </Outputs></member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;

  it('takes a bucket, or a stack, whose key it does not pin', async () => {
    await inBucket();
    const { uid } = trail.first[2]!;
    const { vkey } = trail.signer.verifier;
    const env = aws({ AWS_ENDPOINT_URL_S3: s3.url });
    const out = path.join(trail.dir, 'event.tlog-proof');
    const common = ['prove', uid, '-o', out, '--force', '--hour', '2026-11-24T07'];
    const pinned = await runCli([...common, '--bucket', BUCKET, '--key', vkey], { env });
    expect(pinned).toMatchObject({ code: 0, stderr: '', stdout: expect.not.stringContaining('notice') as string });
    expect(checkEvidence(await readFile(out), trail.signer.verifier).sealed.uid).toBe(uid);

    const { url } = await standIn(() => ({ headers: { 'content-type': 'text/xml' }, body: stackOf(vkey) }));
    const ofStack = await runCli([...common, '--stack', 'ShopAudit'], {
      env: { ...env, AWS_ENDPOINT_URL_CLOUDFORMATION: url },
    });
    expect(ofStack).toMatchObject({ code: 0, stderr: '' });
    expect(ofStack.stdout).toContain('notice: the signature was checked with the key that the stack tells of');
  });

  it('says what is missing', async () => {
    await inBucket();
    const env = aws({ AWS_ENDPOINT_URL_S3: s3.url });
    const args = ['prove', trail.first[0]!.uid, '-o', path.join(trail.dir, 'x')];
    s3.fault = () => ({ status: 404, code: 'NoSuchBucket' });
    const cases = [
      [['--bucket', BUCKET], 'give the hour of the request with --hour'],
      [['--bucket', BUCKET, '--hour', 'yesterday'], 'give day and hour in UTC, such as 2026-11-24T07.'],
      [['--bucket', BUCKET, '--stack', 's'], "option '--bucket <name>' cannot be used with option '--stack <name>'"],
      [['--local', trail.dir, '--hour', '2026-11-24T07'], '--hour goes with --bucket or --stack'],
      [['--bucket', BUCKET, '--hour', '2026-11-24T07'], 's3://trail/events/dt=2026-11-24/hour=07/: NoSuchBucket'],
    ] as const;
    for (const [options, said] of cases) {
      const { code, stdout, stderr } = await runCli([...args, ...options], { env });
      expect({ code, stdout }, said).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain(said);
    }
  });
});
