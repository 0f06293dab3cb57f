import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadSettings } from '../../../lambda/proxy/settings/load-settings';
import { encodeSettings, SETTINGS_VARIABLE, type ProxySettings } from '../../../lib/routing/proxy-settings';
import { resolveRoute } from '../../../lib/routing/route';
import { SETTINGS_FILE_VARIABLE, settingsFile, VALUE_PARAMETERS_VARIABLE, VALUES_VARIABLE } from '../../../lib/routing/settings-file'; // prettier-ignore

const settings: ProxySettings = {
  routes: Array.from({ length: 30 }, (_, n) => resolveRoute({ path: `/s-${n}`, upstream: `http://token-${n % 25}` })),
  deliveryStreams: ['token-stream'],
  fallbackBucket: 'bucket',
  hedgeDelayMs: 250,
  recordingLimitMs: 2_000,
  provider: 'AWS',
  maxBodyBytes: 1000,
  gatewaySecretHashes: ['ab'.repeat(32)],
};
const { text, values } = settingsFile(settings, (value) => String(value).includes('token-'));

let folder: string;
let server: http.Server;
const calls: string[][] = [];
/** Two values a parameter, so that they need more than one call. */
const parameters = new Map(
  values.flatMap((_, n) => (n % 2 === 0 ? [[`values-${n / 2}`, JSON.stringify(values.slice(n, n + 2))]] : [])) as [
    string,
    string,
  ][],
);

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'audit-proxy-settings-'));
  await writeFile(path.join(folder, 'settings.json'), text);
  server = http.createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { Names } = JSON.parse(body) as { Names: string[] };
      calls.push(Names);
      const found = Names.filter((name) => parameters.has(name));
      // In another order than they were asked for.
      const Parameters = found.reverse().map((Name) => ({ Name, Value: parameters.get(Name) }));
      response.end(JSON.stringify({ Parameters, InvalidParameters: [] }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

const withFile = (more: Readonly<Record<string, string>>) => ({
  LAMBDA_TASK_ROOT: folder,
  [SETTINGS_FILE_VARIABLE]: 'settings.json',
  AWS_REGION: 'eu-west-1',
  AWS_ACCESS_KEY_ID: 'id',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_ENDPOINT_URL_SSM: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  ...more,
});

describe('settings', () => {
  it('come from the environment', async () => {
    expect(await loadSettings({ [SETTINGS_VARIABLE]: encodeSettings(settings) })).toEqual(settings);
  });

  it('come from a file, with what was not known when it was made from the environment', async () => {
    expect(values).toHaveLength(26);
    expect(await loadSettings(withFile({ [VALUES_VARIABLE]: JSON.stringify(values) }))).toEqual(settings);
  });

  it('come from a file and from parameters, ten a call', async () => {
    const names = JSON.stringify([...parameters.keys()]);
    expect(await loadSettings(withFile({ [VALUE_PARAMETERS_VARIABLE]: names }))).toEqual(settings);
    expect(calls.map((some) => some.length).sort()).toEqual([10, 3]);
  });

  it('that miss a value or a parameter say which', async () => {
    await expect(loadSettings(withFile({ [VALUES_VARIABLE]: '["a"]' }))).rejects.toThrow(/^value \d+ of the settings is missing/); // prettier-ignore
    const absent = loadSettings(withFile({ [VALUE_PARAMETERS_VARIABLE]: '["absent"]' }));
    await expect(absent).rejects.toThrow('parameter absent with settings of the function is not there');
  });
});
