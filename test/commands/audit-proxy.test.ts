import { describe, expect, it } from 'vitest';
import { version } from '../../package.json';
import { runCli } from '../support/run-cli';

describe('audit-proxy', () => {
  it('tells its version', async () => {
    expect(await runCli(['--version'])).toEqual({ code: 0, stdout: `${version}\n`, stderr: '' });
  });

  it('lists its commands', async () => {
    const { code, stdout } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const command of ['start', 'events', 'sql', 'verify', 'recover', 'prove', 'check'])
      expect(stdout).toMatch(new RegExp(`^  ${command} `, 'm'));
    expect(stdout).toContain(
      'Exit codes: 0 done, 1 findings (verify, doctor), losses (recover) or not proven (check) or not as expected (policy test), 2 could not do it',
    );
  });

  it.each(['events', 'sql', 'verify', 'recover', 'prove'])('explains %s with examples', async (command) => {
    const { code, stdout } = await runCli([command, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain(`Examples:\n  $ audit-proxy ${command}`);
    expect(stdout).toContain('--local <dir>');
  });

  it('shows no warning of a library, on whatever Node.js it runs', async () => {
    const env = {
      AWS_REGION: 'eu-central-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
      AWS_MAX_ATTEMPTS: '1',
    };
    const { code, stderr } = await runCli(['verify', '--bucket', 'trail'], { env });
    expect(code).toBe(2);
    expect(stderr).toMatch(/^audit-proxy: s3:\/\/trail\/.*ECONNREFUSED.*\n$/);
  });

  it('refuses an unknown command with exit code 2', async () => {
    const { code, stdout, stderr } = await runCli(['evnets']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: unknown command 'evnets'\n\(Did you mean events\?\)/);
  });

  it('looks for the trail in .audit unless told otherwise', async () => {
    const { code, stderr } = await runCli(['events'], { cwd: __dirname });
    expect(code).toBe(2);
    expect(stderr).toBe('audit-proxy: no trail in .audit: start one with npm start, or name it with --local DIR\n');
  });
});
