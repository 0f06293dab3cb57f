import { Stack, Token } from 'aws-cdk-lib';
import type { IConstruct } from 'constructs';
import { SETTINGS_VARIABLE, type ProxySettings } from '../routing/proxy-settings';
import { refuse } from './validation';

/**
 * What all environment variables of a function may take, names and values together.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_ENVIRONMENT_BYTES = 4096;

/** What stands for a value that is known at deployment only: names of streams and buckets are no longer. */
const UNKNOWN_BYTES = 64;

/**
 * Environment of the proxy function, as `decodeSettings` reads it.
 *
 * @throws ValidationError if the settings are larger than a function's environment may be.
 */
export function settingsEnvironment(scope: IConstruct, settings: ProxySettings): Record<string, string> {
  const text = Stack.of(scope).toJsonString(settings);
  const bytes = Buffer.byteLength(SETTINGS_VARIABLE) + sizeOf(scope, text);
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    const { routes, deliveryStreams } = settings;
    const message =
      `${routes.length} routes and the names of ${deliveryStreams.length} delivery streams make settings of ${bytes} ` +
      `bytes, and a function's environment holds ${MAX_ENVIRONMENT_BYTES}; take fewer or shorter routes, fewer streams, ` +
      'or a second AccessProxy';
    refuse(scope, [{ key: 'routes', message }]);
  }
  return { [SETTINGS_VARIABLE]: text };
}

/** About, since an upstream that is known at deployment only may be longer than what stands for it. */
function sizeOf(scope: IConstruct, text: string): number {
  if (!Token.isUnresolved(text)) return Buffer.byteLength(text);
  const resolved = Stack.of(scope).resolve(text) as { 'Fn::Join'?: [string, unknown[]] };
  const sizes = (resolved['Fn::Join']?.[1] ?? []).map((part) =>
    typeof part === 'string' ? Buffer.byteLength(part) : UNKNOWN_BYTES,
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}
