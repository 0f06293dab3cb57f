import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { readSecret } from '../../../lambda/proxy/secrets/read-secret';

const ARN = 'arn:aws:secretsmanager:eu-west-1:123456789012:secret:key-AbCdEf';

describe('a secret in Secrets Manager', () => {
  let server: http.Server;
  let seen: { readonly headers: http.IncomingHttpHeaders; readonly body: string }[] = [];
  let answer = { status: 200, body: '{}' };

  beforeAll(async () => {
    server = http.createServer((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push({ headers: request.headers, body });
        response.writeHead(answer.status).end(answer.body);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  beforeEach(() => (seen = []));
  afterAll(() => server.close());

  const environment = () => ({
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'id',
    AWS_SECRET_ACCESS_KEY: 'secret',
    AWS_ENDPOINT_URL_SECRETS_MANAGER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });

  it('is asked for by a signed request in the region of its ARN', async () => {
    answer = { status: 200, body: JSON.stringify({ SecretString: 'the text' }) };
    expect(await readSecret(ARN, environment())).toBe('the text');
    expect(seen[0]!.headers['x-amz-target']).toBe('secretsmanager.GetSecretValue');
    expect(seen[0]!.headers.authorization).toMatch(/Credential=id\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request/);
    expect(JSON.parse(seen[0]!.body)).toEqual({ SecretId: ARN });
  });

  it('that is refused says whose refusal it is', async () => {
    answer = { status: 400, body: JSON.stringify({ __type: 'AccessDeniedException', Message: 'no' }) };
    await expect(readSecret(ARN, environment())).rejects.toThrow(
      `GetSecretValue of secret ${ARN}: status 400 AccessDeniedException`,
    );
  });

  it('that holds bytes instead of text is an error', async () => {
    answer = { status: 200, body: JSON.stringify({ SecretBinary: 'AAAA' }) };
    await expect(readSecret(ARN, environment())).rejects.toThrow('has no text');
  });
});

describe('a secret in a file', () => {
  it('is its text', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'secret-'));
    await writeFile(path.join(folder, 'key'), 'the text');
    expect(await readSecret(`file:${folder}/key`)).toBe('the text');
    await rm(folder, { recursive: true });
    await expect(readSecret(`file:${folder}/key`)).rejects.toThrow(`cannot read the secret in ${folder}/key: ENOENT`);
  });
});
