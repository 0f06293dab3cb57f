// Takes out of the AWS SDK what a function never uses, so that it loads in half the time. Each entry says why; one that
// no longer meets a file fails the build, so that an update of the SDK is noticed.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const own = (file) => path.join(here, '..', 'lambda', 'recorder', 'aws', file);

/** Packages that modules of our own stand in for. */
const REPLACED = {
  // A function has its credentials in its environment: no provider chain.
  '@aws-sdk/credential-provider-node': own('environment-credentials.ts'),
  // Imports node:http, which takes 56 to 76 ms at start on Node 22 and 24 (nodejs/node#57649).
  '@smithy/node-http-handler': own('lean-http-handler.ts'),
};

/** Packages and files that are left out, with what stands in their place. */
const LEFT_OUT = {
  // Loaded only for operations with event streams; Firehose has none.
  '@smithy/core/event-streams': 'export {};',
  // Trace ids of concurrent invocations in one environment; ours has one at a time (`_X_AMZN_TRACE_ID`).
  '@aws/lambda-invoke-store': 'export const InvokeStore = { getInstanceAsync: async () => undefined };',
  // SHA-256 in JavaScript, for runtimes without node:crypto.
  './Sha256Js': 'export class Sha256Js {}',
  // Retry mode "adaptive", which is not used.
  './DefaultRateLimiter': 'export class DefaultRateLimiter {}',
  // Profiles in ~/.aws: a function has none, and need not look for them on disk.
  '../shared-ini-file-loader/loadSharedConfigFiles':
    'export const loadSharedConfigFiles = async () => ({ configFile: {}, credentialsFile: {} });',
  // The region of an EC2 instance: a function has AWS_REGION.
  '../config-resolver/regionConfig/getInstanceMetadataRegion':
    'export const getInstanceMetadataRegion = async () => undefined;',
  './getInstanceMetadataRegion': 'export const getInstanceMetadataRegion = async () => undefined;',
  // Headers of messages in event streams; Firehose has none.
  './HeaderFormatter': 'export class HeaderFormatter {}',
};

export function slimAwsSdk() {
  return {
    name: 'slim-aws-sdk',
    setup(build) {
      const met = new Set();
      build.onResolve({ filter: /./ }, ({ path, importer }) => {
        if (Object.hasOwn(REPLACED, path)) {
          met.add(path);
          return { path: REPLACED[path] };
        }
        if (Object.hasOwn(LEFT_OUT, path) && importer.includes('node_modules')) {
          met.add(path);
          return { path, namespace: 'left-out' };
        }
        return undefined;
      });
      build.onLoad({ filter: /./, namespace: 'left-out' }, ({ path }) => ({ contents: LEFT_OUT[path], loader: 'js' }));
      // Of its package.json a client needs its version only (for the User-Agent header).
      build.onLoad({ filter: /@aws-sdk[\\/]client-[^\\/]+[\\/]package\.json$/ }, async ({ path }) => {
        const { version } = JSON.parse(await readFile(path, 'utf8'));
        return { contents: `export default ${JSON.stringify({ version })};`, loader: 'js' };
      });
      // Names of all regions with their cities; the pattern beside them finds the partition as well.
      build.onLoad({ filter: /[\\/]lib[\\/]aws[\\/]partitions\.js$/ }, async ({ path }) => {
        const { partitionsInfo } = await import(pathToFileURL(path));
        const partitions = partitionsInfo.partitions.map((partition) => ({ ...partition, regions: {} }));
        return { contents: `export const partitionsInfo = ${JSON.stringify({ partitions })};`, loader: 'js' };
      });
      build.onEnd(() => {
        const missed = [...Object.keys(REPLACED), ...Object.keys(LEFT_OUT)].filter((name) => !met.has(name));
        return missed.length === 0
          ? undefined
          : { errors: [{ text: `scripts/slim-aws-sdk.mjs: the AWS SDK no longer imports ${missed.join(', ')}` }] };
      });
    },
  };
}
