// Bundles what runs outside of a TypeScript build: the functions (dist/lambda/<name>/) and the CLI (dist/bin/).
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { chmod, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { computedShape } from './computed-shape.mjs';
import { slimAwsSdk } from './slim-aws-sdk.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);

/** Largest proxy bundle: every KB is paid for at each cold start. */
const MAX_PROXY_BYTES = 160 * 1024;

const common = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning', absWorkingDir: root };

async function bundleProxy() {
  const outfile = at('dist/lambda/proxy/index.mjs');
  await build({
    ...common,
    entryPoints: [at('lambda/proxy/index.mts')],
    outfile,
    format: 'esm',
    minify: true,
    mainFields: ['module', 'main'],
    sourcemap: false,
    legalComments: 'none',
    plugins: [slimAwsSdk(), computedShape()],
  });
  const { size } = await stat(outfile);
  if (size > MAX_PROXY_BYTES) {
    throw new Error(`dist/lambda/proxy/index.mjs is ${size} bytes; at most ${MAX_PROXY_BYTES} are allowed`);
  }
}

async function bundleCli() {
  // Each is a program of its own: the CLI, and the processes that the local pipeline starts.
  const programs = ['bin/audit-proxy.ts', 'bin/local/delivery/main.ts', 'bin/local/runtime/main.ts'].filter((program) =>
    existsSync(at(program)),
  );
  await build({
    ...common,
    entryPoints: programs.map((at) => at),
    outdir: at('dist/bin'),
    outbase: at('bin'),
    format: 'cjs',
    external: ['@duckdb/node-api'],
    banner: {},
  });
  await chmod(at('dist/bin/audit-proxy.js'), 0o755).catch(() => undefined);
}

await rm(at('dist/lambda'), { recursive: true, force: true });
await Promise.all([existsSync(at('lambda/proxy/index.mts')) && bundleProxy(), bundleCli()]);
