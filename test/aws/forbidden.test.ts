import { S3ServiceException } from '@aws-sdk/client-s3';
import { describe, expect, it } from 'vitest';
import { ForbiddenCalls } from '../../bin/aws/forbidden';

const answered = (name: string, status: number) =>
  new S3ServiceException({ name, message: name, $fault: 'client', $metadata: { httpStatusCode: status } });

function calls(answer: Error | undefined) {
  const sent: object[] = [];
  const send = (command: { readonly input: object }) => {
    sent.push(command.input);
    return answer === undefined ? Promise.resolve({}) : Promise.reject(answer);
  };
  return { sent, forbidden: new ForbiddenCalls({ send } as never, 'trail') };
}

describe('a call that nobody may make', () => {
  it('is denied where S3 says so', async () => {
    const { sent, forbidden } = calls(answered('AccessDenied', 403));
    expect(await forbidden.delete('key', 'v1')).toBe('denied');
    expect(await forbidden.shorten('key', 'v1', 0)).toBe('denied');
    const RetainUntilDate = new Date(0);
    expect(sent).toEqual([
      { Bucket: 'trail', Key: 'key', VersionId: 'v1' },
      { Bucket: 'trail', Key: 'key', VersionId: 'v1', Retention: { Mode: 'COMPLIANCE', RetainUntilDate } },
    ]);
  });

  it('is done where S3 does it', async () => {
    expect(await calls(undefined).forbidden.delete('key', 'v1')).toBe('done');
  });

  it.each([
    ['SignatureDoesNotMatch', 403],
    ['InvalidAccessKeyId', 403],
    ['SlowDown', 503],
  ])('proves nothing where it failed with %s', async (name, status) => {
    await expect(calls(answered(name, status)).forbidden.delete('key', 'v1')).rejects.toThrow(
      `s3://trail/key: ${name}`,
    );
  });
});
