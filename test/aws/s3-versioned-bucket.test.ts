import { S3Client } from '@aws-sdk/client-s3';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import { describe, expect, it, onTestFinished } from 'vitest';
import { S3VersionedBucket } from '../../bin/aws/s3-versioned-bucket';
import { clientOptions, standIn } from '../recover/aws/stand-in';

function bucketAt(url: string): S3VersionedBucket {
  const client = new S3Client({ ...clientOptions(url), forcePathStyle: true });
  onTestFinished(() => client.destroy());
  return new S3VersionedBucket(client, 'trail');
}

const WHOLE = Buffer.from(Array.from({ length: 100_000 }, (_, i) => i % 251));

/** S3 whose connections break after so many bytes of each answer. */
async function breaking(bytesAnAnswer: number): Promise<{ url: string; ranges: (string | undefined)[] }> {
  const ranges: (string | undefined)[] = [];
  const server = http.createServer(({ headers: { range } }, response) => {
    ranges.push(range);
    const rest = WHOLE.subarray(Number(/^bytes=(\d+)-$/.exec(range ?? 'bytes=0-')![1]));
    response.writeHead(range === undefined ? 200 : 206, { 'content-length': rest.length });
    const part = rest.subarray(0, bytesAnAnswer);
    if (part.length === rest.length) response.end(part);
    else response.write(part, () => setTimeout(() => response.destroy(), 20));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, ranges };
}

describe('a download whose connection breaks', () => {
  const read = async (url: string, versionId?: string) => {
    const object = await bucketAt(url).get('events/a', versionId);
    return buffer(Readable.from(object!.bytes));
  };

  it('goes on where it was, of the same version', async () => {
    const { url, ranges } = await breaking(40_000);
    expect((await read(url, 'v1')).equals(WHOLE)).toBe(true);
    expect(ranges).toEqual([undefined, 'bytes=40000-', 'bytes=80000-']);
  });

  it('is given up after some times', async () => {
    const { url, ranges } = await breaking(1_000);
    await expect(read(url, 'v1')).rejects.toMatchObject({ name: 'ServiceError', message: expect.stringMatching(/^s3:\/\/trail\/events\/a: /) as string }); // prettier-ignore
    expect(ranges).toHaveLength(4);
  });

  it('is not gone on with where no version was asked for: it may be another one by now', async () => {
    const { url, ranges } = await breaking(40_000);
    await expect(read(url)).rejects.toMatchObject({ name: 'ServiceError' });
    expect(ranges).toHaveLength(1);
  });
});

describe('the default retention', () => {
  const retention = async (rule: string) => {
    const body = `<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled>${rule}</ObjectLockConfiguration>`;
    const { url } = await standIn(() => ({ headers: { 'content-type': 'application/xml' }, body }));
    return bucketAt(url).defaultRetention();
  };
  const rule = (time: string) => `<Rule><DefaultRetention><Mode>COMPLIANCE</Mode>${time}</DefaultRetention></Rule>`;

  it('may be told in days, in years, or not at all', async () => {
    expect(await retention(rule('<Days>2</Days>'))).toBe(2 * 86_400_000);
    expect(await retention(rule('<Years>1</Years>'))).toBe(365 * 86_400_000);
    expect(await retention('')).toBeUndefined();
  });
});
