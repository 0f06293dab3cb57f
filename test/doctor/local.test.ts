import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startPipeline, type Pipeline } from '../../bin/local/pipeline';
import { runCli } from '../support/run-cli';

let pipeline: Pipeline;
beforeAll(async () => {
  const dataFolder = path.join(mkdtempSync(path.join(tmpdir(), 'audit-proxy-doctor-')), 'trail');
  pipeline = await startPipeline({ dataFolder, port: 0, concurrency: 1 });
});
afterAll(() => pipeline.stop());

it('finds the pipeline on this machine in good health, and says what a folder cannot show', async () => {
  const { code, stdout, stderr } = await runCli([
    'doctor', '--local', pipeline.dataFolder, '--url', pipeline.url, '--key', pipeline.vkey, '--timeout', '90', '--format', 'json',
  ]); // prettier-ignore
  expect(code, stderr + stdout).toBe(0);
  const { healthy, checks } = JSON.parse(stdout) as { healthy: boolean; checks: { name: string; outcome: string }[] };
  expect(healthy).toBe(true);
  expect(checks.filter(({ outcome }) => outcome !== 'ok').map(({ name }) => name)).toEqual(['default_lock', 'lock', 'delete', 'shorten']); // prettier-ignore
}, 120_000);

it('says that nothing answers', async () => {
  const { code, stderr } = await runCli(['doctor', '--local', pipeline.dataFolder, '--url', 'http://127.0.0.1:1']);
  expect(code).toBe(2);
  expect(stderr).toContain('http://127.0.0.1:1 does not answer');
});
