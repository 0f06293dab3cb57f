import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import { SETTINGS_VARIABLE, type ProxySettings } from '../routing/proxy-settings';
import { SETTINGS_FILE, SETTINGS_FILE_VARIABLE, settingsFile, VALUES_VARIABLE } from '../routing/settings-file';
import { bundlePath } from './bundle';
import { codeWithFile } from './code-with-file';
import { sizeOf } from './text-size';
import { valueParameters } from './value-parameters';

/**
 * What all environment variables of a function may take, names and values together.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
 */
const MAX_ENVIRONMENT_BYTES = 4096;

/** What a function needs to be told its settings. */
export interface FunctionSettings {
  readonly environment: Readonly<Record<string, string>>;
  readonly code: lambda.Code;
  /** What it must be allowed to. */
  readonly statements: readonly iam.PolicyStatement[];
}

/**
 * Brings the settings to the proxy function, as `loadSettings` reads them: in its environment where they fit; else in a
 * file beside its code, and what is known at deployment only in its environment; and where even that is too much, in
 * parameters of Systems Manager, which an environment reads at its start.
 */
export function functionSettings(scope: Construct, settings: ProxySettings): FunctionSettings {
  const stack = Stack.of(scope);
  const inEnvironment = { [SETTINGS_VARIABLE]: stack.toJsonString(settings) };
  const code = lambda.Code.fromAsset(bundlePath('proxy'));
  if (fits(scope, inEnvironment)) return { environment: inEnvironment, code, statements: [] };

  const { text, values } = settingsFile(settings, (value) => Token.isUnresolved(value));
  const withFile = codeWithFile(bundlePath('proxy'), SETTINGS_FILE, text);
  const file = { [SETTINGS_FILE_VARIABLE]: SETTINGS_FILE };
  const withValues = { ...file, [VALUES_VARIABLE]: stack.toJsonString(values) };
  if (fits(scope, withValues)) return { environment: withValues, code: withFile, statements: [] };

  const parameters = valueParameters(scope, values);
  return { environment: { ...file, ...parameters.environment }, code: withFile, statements: parameters.statements };
}

function fits(scope: Construct, environment: Readonly<Record<string, string>>): boolean {
  const bytes = Object.entries(environment).map(([name, value]) => Buffer.byteLength(name) + sizeOf(scope, value));
  return bytes.reduce((sum, size) => sum + size, 0) <= MAX_ENVIRONMENT_BYTES;
}
