// Bundles what runs outside of a TypeScript build: the functions (dist/lambda/<name>/) and the CLI (dist/bin/).
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { computedShape } from './computed-shape.mjs';
import { leanSigner } from './lean-signer.mjs';
import { withoutNodeWarning } from './without-node-warning.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const at = (...parts) => path.join(root, ...parts);

/** Most that the proxy function loads in any case: every KB is paid for at each cold start. */
const MAX_PROXY_BYTES = 96 * 1024;

const common = { bundle: true, platform: 'node', target: 'node20', logLevel: 'warning', absWorkingDir: root };

/**
 * Replaces files whole, and only where they change: `cdk synth`, the tests and a running pipeline may bundle and use
 * the same files at the same time.
 */
async function emit({ outputFiles }) {
  for (const { path: file, contents } of outputFiles) {
    const present = await readFile(file).catch(() => undefined);
    if (present?.equals(contents)) continue;
    await mkdir(path.dirname(file), { recursive: true });
    await writeFile(`${file}.${process.pid}`, contents, { mode: 0o755 });
    await rename(`${file}.${process.pid}`, file);
  }
}

async function bundleProxy() {
  const outdir = at('dist/lambda/proxy');
  const result = await build({
    ...common,
    write: false,
    metafile: true,
    entryPoints: { index: at('lambda/proxy/index.mts') },
    outdir,
    outExtension: { '.js': '.mjs' },
    // What not every function uses (import()) is a file of its own.
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    format: 'esm',
    minify: true,
    mainFields: ['module', 'main'],
    sourcemap: false,
    legalComments: 'none',
    plugins: [computedShape(), leanSigner()],
  });
  const size = loadedAtStart(result.metafile.outputs, 'dist/lambda/proxy/index.mjs');
  if (size > MAX_PROXY_BYTES) {
    throw new Error(`the proxy function loads ${size} bytes at its start; at most ${MAX_PROXY_BYTES} are allowed`);
  }
  await emit(result);
  await removeOthers(path.join(outdir, 'chunks'), result.outputFiles);
}

/** Bytes of a file and of all that it imports statically. */
function loadedAtStart(outputs, first) {
  const loaded = new Set([first]);
  for (const file of loaded) {
    for (const { path: imported, kind } of outputs[file].imports) {
      if (kind === 'import-statement' && imported in outputs) loaded.add(imported);
    }
  }
  return [...loaded].reduce((sum, file) => sum + outputs[file].bytes, 0);
}

/** Parts of earlier bundles have other names and would be deployed with this one. */
async function removeOthers(folder, outputFiles) {
  const kept = new Set(outputFiles.map((file) => path.basename(file.path)));
  const present = await readdir(folder).catch(() => []);
  await Promise.all(
    present.filter((name) => !kept.has(name)).map((name) => rm(path.join(folder, name), { force: true })),
  );
}

/** A function on which no request waits, with AWS's own client in it: the runtime's may be of any version. */
async function bundleFunction(name, entry = `lambda/${name}/index.mts`) {
  const result = await build({
    ...common,
    write: false,
    entryPoints: [at(entry)],
    outfile: at(`dist/lambda/${name}/index.mjs`),
    format: 'esm',
    minify: true,
    mainFields: ['module', 'main'],
    legalComments: 'none',
    plugins: [withoutNodeWarning()],
  });
  await emit(result);
}

/**
 * The Cedar engine: not bundled, and in no function, but a layer of those that have Cedar policies. The layer's root is
 * `/opt`, so that it lies in `/opt/cedar`.
 */
async function copyCedarEngine() {
  const from = at('node_modules/@cedar-policy/cedar-wasm/nodejs');
  const names = ['cedar_wasm.js', 'cedar_wasm_bg.wasm', 'package.json'];
  const outputFiles = names.map(async (name) => ({
    path: at('dist/lambda/cedar/cedar', name),
    contents: await readFile(path.join(from, name)),
  }));
  await emit({ outputFiles: await Promise.all(outputFiles) });
}

async function bundleCli() {
  // Each is a program of its own: the CDK app, the CLI, and the processes that the local pipeline starts. AWS's clients
  // stay out of the CLI, which would take a quarter longer to start; the commands that need them load their bundle.
  const programs = [
    'bin/app.ts',
    'bin/audit-proxy.ts',
    'bin/local/delivery/main.ts',
    'bin/local/runtime/main.ts',
    'bin/aws/clients.ts',
  ].filter((program) => existsSync(at(program)));
  const result = await build({
    ...common,
    write: false,
    entryPoints: programs,
    outdir: at('dist/bin'),
    outbase: at('bin'),
    format: 'cjs',
    // jsonc-parser's main is UMD, whose requires no bundler can follow.
    mainFields: ['module', 'main'],
    // DuckDB is native; the CDK is what the app shares with its user's constructs.
    external: ['@duckdb/node-api', 'aws-cdk-lib', 'cdk-nag', 'constructs'],
    plugins: [withoutNodeWarning()],
  });
  await emit(result);
}

await Promise.all([
  existsSync(at('lambda/proxy/index.mts')) && bundleProxy(),
  ...['sealer', 'vkey', 'key-rotation', 'gateway-secret'].map((name) => bundleFunction(name)),
  // The sealer for one machine is no function, and so no part of what is deployed.
  bundleFunction('sealer-local', 'lambda/sealer/local/main.mts'),
  copyCedarEngine(),
  bundleCli(),
]);
