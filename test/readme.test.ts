import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../bin/config/load-config';
import { startPipeline, type Pipeline } from '../bin/local/pipeline';
import { CLI } from './support/run-cli';

const ROOT = path.join(__dirname, '..');
const README = readFileSync(path.join(ROOT, 'README.md'), 'utf8');
const run = promisify(execFile);

function blocks(language: string, mark = ''): string[] {
  return [...README.matchAll(new RegExp(`${mark}\`\`\`${language}\\n([\\s\\S]*?)\`\`\``, 'g'))].map(
    ([, text = '']) => text,
  );
}

describe('the commands of the README', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'audit-proxy-readme-'));
  let pipeline: Pipeline;

  beforeAll(async () => {
    pipeline = await startPipeline({ dataFolder: path.join(folder, '.audit'), port: 0 });
  });

  afterAll(async () => {
    await pipeline?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('work, in their order, on a running pipeline', async () => {
    const commands = blocks('sh', '<!-- run -->\\n').flatMap((block) => block.trim().split('\n'));
    expect(commands.length).toBeGreaterThanOrEqual(8);
    for (const command of commands) {
      // The port is a free one here, and the command is the bundle that npx would run.
      const real = command
        .replace('http://127.0.0.1:8080', pipeline.url)
        .replace('npx audit-proxy', `'${process.execPath}' '${CLI}'`)
        .replace(/^curl /, 'curl -sS --fail ');
      if (command.startsWith('npx')) await sleep(2_500);
      const { stdout } = await run('bash', ['-c', real], { cwd: folder });
      expect(stdout.length, command).toBeGreaterThan(0);
      if (command.includes(' events') && !command.includes('4xx'))
        expect(stdout, command).toContain('alice@example.com');
    }
  }, 120_000);
});

describe('the code of the README', () => {
  it('compiles', () => {
    const file = path.join(ROOT, 'test', 'readme-example.ts');
    const [example = ''] = blocks('ts');
    const options: ts.CompilerOptions = {
      strict: true,
      noEmit: true,
      skipLibCheck: true,
      target: ts.ScriptTarget.ES2022,
      // Of the sources, which are compiled along; who installs the package has their declarations only.
      lib: ['lib.es2022.d.ts', 'lib.es2024.string.d.ts'],
      module: ts.ModuleKind.Preserve,
      moduleResolution: ts.ModuleResolutionKind.Bundler,
      types: ['node'],
      paths: { 'cdk-audit-proxy': [path.join(ROOT, 'lib', 'index.ts')] },
    };
    const host = ts.createCompilerHost(options);
    const { getSourceFile, fileExists, readFile } = host;
    host.fileExists = (name) => name === file || fileExists(name);
    host.readFile = (name) => (name === file ? example : readFile(name));
    host.getSourceFile = (name, version) =>
      name === file ? ts.createSourceFile(name, example, version) : getSourceFile(name, version);
    const program = ts.createProgram([file], options, host);
    const problems = ts
      .getPreEmitDiagnostics(program)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'));
    expect(example).toContain('AuditProxy');
    expect(problems).toEqual([]);
  }, 120_000);

  it('has a config that loads', () => {
    const [config = ''] = blocks('json');
    const file = path.join(mkdtempSync(path.join(tmpdir(), 'audit-proxy-readme-')), 'audit-proxy.json');
    writeFileSync(file, config);
    expect(loadConfig(file).routes).toMatchObject([{ path: '/orders', service: 'orders' }]);
  });
});
