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

/**
 * Environment of the proxy function, as `decodeSettings` reads it.
 *
 * @throws ValidationError if the settings are larger than a function's environment may be.
 */
export function settingsEnvironment(scope: IConstruct, settings: ProxySettings): Record<string, string> {
  const text = Stack.of(scope).toJsonString(settings);
  const bytes = Buffer.byteLength(SETTINGS_VARIABLE) + knownBytes(scope, text);
  if (bytes > MAX_ENVIRONMENT_BYTES) {
    const each = Math.ceil(bytes / settings.routes.length);
    const message =
      `${settings.routes.length} routes make settings of ${bytes} bytes (about ${each} a route), and a function's ` +
      `environment holds ${MAX_ENVIRONMENT_BYTES}; take fewer or shorter routes, or a second AccessProxy`;
    refuse(scope, [{ key: 'routes', message }]);
  }
  return { [SETTINGS_VARIABLE]: text };
}

/** Size of the text; what is known only at deployment counts nothing, so it may still turn out to be too large. */
function knownBytes(scope: IConstruct, text: string): number {
  if (!Token.isUnresolved(text)) return Buffer.byteLength(text);
  const resolved = Stack.of(scope).resolve(text) as { 'Fn::Join'?: [string, unknown[]] };
  const literals = (resolved['Fn::Join']?.[1] ?? []).filter((part) => typeof part === 'string');
  return Buffer.byteLength(literals.join(''));
}
