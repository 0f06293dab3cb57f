import { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { describe, expect, it } from 'vitest';
import { readStackOutputs } from '../../bin/aws/stack-outputs';
import { clientOptions, standIn } from '../recover/aws/stand-in';

const WHOLE = {
  BucketName: 'trail-1',
  LedgerVkey: 'audit.example.com+33d7b496+AeHT',
  ApiUrl: 'https://x.example/prod/',
  DeliveryStreamNames: 'one,two',
  DatabaseName: 'audit',
  WorkGroupName: 'audit-readers',
};

/** CloudFormation, as far as it is asked: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_DescribeStacks.html */
async function cloudFormation(outputs: Readonly<Record<string, string>>) {
  const members = Object.entries(outputs).map(
    ([key, value]) => `<member><OutputKey>${key}</OutputKey><OutputValue>${value}</OutputValue></member>`,
  );
  const stack = `<member><StackName>audit</StackName><StackStatus>UPDATE_COMPLETE</StackStatus>
    <StackId>arn:aws:cloudformation:eu-central-1:111122223333:stack/audit/0f8b</StackId>
    <Outputs>${members.join('')}</Outputs></member>`;
  const { url, requests } = await standIn(() =>
    xml(`<DescribeStacksResponse><DescribeStacksResult><Stacks>${stack}</Stacks></DescribeStacksResult></DescribeStacksResponse>`),
  ); // prettier-ignore
  return { client: new CloudFormationClient(clientOptions(url)), requests };
}

async function refusing(code: string, message: string, status = 400) {
  const error = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  const { url } = await standIn(() => ({ status, ...xml(error) }));
  return new CloudFormationClient(clientOptions(url));
}

const xml = (body: string) => ({ headers: { 'content-type': 'text/xml' }, body });

describe('the outputs of a stack', () => {
  it('are told by the names that commands use, with the region where the stack is', async () => {
    const { client, requests } = await cloudFormation(WHOLE);
    expect(await readStackOutputs(client, 'audit')).toEqual({
      bucket: 'trail-1',
      vkey: 'audit.example.com+33d7b496+AeHT',
      apiUrl: 'https://x.example/prod/',
      deliveryStreams: 'one,two',
      database: 'audit',
      workgroup: 'audit-readers',
      region: 'eu-central-1',
    });
    expect(requests.map(({ body }) => new URLSearchParams(body).get('StackName'))).toEqual(['audit']);
  });

  it('that are missing are named', async () => {
    const { BucketName: _, WorkGroupName: __, ...rest } = WHOLE;
    const { client } = await cloudFormation(rest);
    await expect(readStackOutputs(client, 'audit')).rejects.toMatchObject({
      name: 'ServiceError',
      code: 'OutputMissing',
      message: expect.stringMatching(/^stack audit \(UPDATE_COMPLETE\) has no output BucketName, WorkGroupName: /) as string,
    }); // prettier-ignore
  });

  it('need not be there where nobody asks for them', async () => {
    const { client } = await cloudFormation({ BucketName: 'trail-1' });
    const outputs = await readStackOutputs(client, 'audit', ['bucket']);
    expect(outputs).toEqual({ bucket: 'trail-1', region: 'eu-central-1' });
  });

  it('of no stack, or for nobody, say so', async () => {
    const none = await refusing('ValidationError', 'Stack with id audit does not exist');
    await expect(readStackOutputs(none, 'audit')).rejects.toThrow(
      'stack audit: ValidationError: Stack with id audit does not exist',
    );
    const denied = await refusing('AccessDenied', 'no', 403);
    await expect(readStackOutputs(denied, 'audit')).rejects.toThrow(
      'stack audit: AccessDenied: no (this needs cloudformation:DescribeStacks)',
    );
    const expired = await refusing('ExpiredToken', 'The security token included in the request is expired', 403);
    await expect(readStackOutputs(expired, 'audit')).rejects.toThrow(
      /\(the credentials have expired: sign in again\)$/,
    );
  });
});
