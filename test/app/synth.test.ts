import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const ROOT = path.join(__dirname, '..', '..');

/** Neither credentials nor a region, and the CDK's own validation as it comes. */
const BARE: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(AWS_|CDK_)/.test(name))),
  CDK_DISABLE_CLI_TELEMETRY: '1',
  AWS_CONFIG_FILE: '/nonexistent',
  AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
  AWS_EC2_METADATA_DISABLED: 'true',
};

let folder: string;
beforeAll(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'audit-proxy-synth-'))));
afterAll(() => fs.rmSync(folder, { recursive: true }));

interface Ended {
  /** Undefined where the program could not be started. */
  readonly status: number | null | undefined;
  readonly output: string;
}

/** Runs a program without blocking: the test runner wants to hear from this process in the meantime. */
function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { cwd: ROOT, env: BARE });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += String(chunk)));
    child.once('error', (error) => resolve({ status: undefined, output: error.message }));
    child.once('close', (status) => resolve({ status, output }));
  });
}

function synth(...args: string[]): Promise<Ended> {
  const cdk = path.join(ROOT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  const output = path.join(folder, 'cdk.out');
  return run(process.execPath, [cdk, 'synth', '--quiet', '--no-notices', '--output', output, ...args]);
}

describe('cdk synth', () => {
  // With a route that streams, since every synth takes long.
  it('makes the stack of audit-proxy.json, with no finding but what we warn of', { timeout: 120_000 }, async () => {
    const shipped = JSON.parse(fs.readFileSync(path.join(ROOT, 'audit-proxy.json'), 'utf8')) as { routes: object[] };
    const events = { path: '/events', upstream: 'http://127.0.0.1:9003', streaming: true };
    const config = path.join(folder, 'audit-proxy.json');
    fs.writeFileSync(config, JSON.stringify({ ...shipped, $schema: undefined, routes: [...shipped.routes, events] }));
    const { status, output } = await synth('-c', `config=${config}`);
    expect(status, output).toBe(0);
    const report = JSON.parse(fs.readFileSync(path.join(folder, 'cdk.out', 'validation-report.json'), 'utf8')) as {
      pluginReports: { violations: { ruleName: string }[] }[];
    };
    const found = report.pluginReports.flatMap(({ violations }) => violations.map(({ ruleName }) => ruleName));
    expect(
      found.filter((rule) => !/^Annotation::cdk-audit-proxy:(complianceRetention|loopbackUpstream\d)$/.test(rule)),
    ).toEqual([]);

    const template = path.join(folder, 'cdk.out', 'AuditProxy.template.json');
    expect(JSON.parse(fs.readFileSync(template, 'utf8'))).toMatchObject({
      Outputs: { ApiUrl: {}, StreamingFunctionName: {} },
    });
    await lint(template);
  });

  it('says what is wrong with a config in one line a problem, without a stack trace', { timeout: 60_000 }, async () => {
    const config = path.join(folder, 'wrong.json');
    fs.writeFileSync(config, '{ "routes": [{ "path": "/a", "upstrem": "http://a" }] }');
    const { status, output } = await synth('-c', `config=${config}`);
    expect(status).not.toBe(0);
    expect(output).toContain(`${config}:1:30 routes[0].upstrem: unknown key; did you mean "upstream"?`);
    expect(output).not.toMatch(/^\s+at /m);
  });
});

/** cfn-lint is no npm package; where it is installed, it has its say. */
async function lint(template: string): Promise<void> {
  const { status, output } = await run('cfn-lint', ['--non-zero-exit-code', 'error', template]);
  if (status === undefined) console.warn(`cfn-lint did not run (${output}); the CDK's own validation did`);
  else expect(status, output).toBe(0);
}
