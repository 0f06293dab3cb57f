// Bundles a bench and runs it: node scripts/run-bench.mjs load [options of the bench]
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const [name, ...rest] = process.argv.slice(2);
const outfile = path.join(root, 'dist', 'bench', `${name}.cjs`);

await build({
  entryPoints: [path.join(root, 'bench', `${name}.ts`)],
  outfile,
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  mainFields: ['module', 'main'],
  external: ['@duckdb/node-api', 'esbuild', '@aws-sdk/*'],
  logLevel: 'warning',
});
const child = spawn(process.execPath, [outfile, ...rest], { stdio: 'inherit', cwd: root });
child.on('exit', (code, signal) => process.exit(signal === null ? (code ?? 1) : 1));
