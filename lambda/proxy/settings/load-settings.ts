import { readFileSync } from 'node:fs';
import path from 'node:path';
import { decodeSettings, type ProxySettings } from '../../../lib/routing/proxy-settings';
import {
  filledSettings,
  SETTINGS_FILE_VARIABLE,
  VALUE_PARAMETERS_VARIABLE,
  VALUES_VARIABLE,
} from '../../../lib/routing/settings-file';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * What the function is told: by its environment, or where that is too small, by a file beside its code.
 *
 * @throws Error that says what is missing
 */
export async function loadSettings(environment: Environment): Promise<ProxySettings> {
  const file = environment[SETTINGS_FILE_VARIABLE];
  if (file === undefined) return decodeSettings(environment);
  const text = readFileSync(path.join(environment.LAMBDA_TASK_ROOT ?? '', file), 'utf8');
  return filledSettings(text, await valuesOf(environment));
}

async function valuesOf(environment: Environment): Promise<readonly string[]> {
  const names = environment[VALUE_PARAMETERS_VARIABLE];
  if (names === undefined) return JSON.parse(environment[VALUES_VARIABLE] ?? '[]') as string[];
  // Few functions have so many values: the others need not load this.
  const { readParameters } = await import('./read-parameters');
  const texts = await readParameters(JSON.parse(names) as string[], environment);
  return texts.flatMap((one) => JSON.parse(one) as string[]);
}
