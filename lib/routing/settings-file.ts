import { decodeSettings, SETTINGS_VARIABLE, type ProxySettings } from './proxy-settings';

/**
 * Settings that are too large for a function's environment lie in a file beside its code. What is known at deployment
 * only (addresses of load balancers, names of streams) cannot stand in a file that is made before: there a placeholder
 * stands, and the function finds the values in its environment or in parameters of Systems Manager.
 */
export const SETTINGS_FILE = 'settings.json';

/** Environment variable that names the file, relative to the function's code. */
export const SETTINGS_FILE_VARIABLE = 'AUDIT_PROXY_SETTINGS_FILE';

/** Environment variable with the values as a JSON array. */
export const VALUES_VARIABLE = 'AUDIT_PROXY_VALUES';

/** Environment variable with the names of parameters, as a JSON array; the arrays in them, one after the other, are the values. */
export const VALUE_PARAMETERS_VARIABLE = 'AUDIT_PROXY_VALUE_PARAMETERS';

/** Stands for the value with this number. */
interface Placeholder {
  readonly $deployed: number;
}

export interface SettingsFile {
  /** What lies in the file. */
  readonly text: string;
  /** What the placeholders stand for, each value once. */
  readonly values: readonly string[];
}

/**
 * Takes what is known at deployment only out of the settings.
 *
 * @param isUnknown tells such values (CDK tokens)
 */
export function settingsFile(settings: ProxySettings, isUnknown: (value: unknown) => boolean): SettingsFile {
  const numbers = new Map<string, number>();
  const text = JSON.stringify(settings, (_, value: unknown): unknown => {
    if (typeof value !== 'string' || !isUnknown(value)) return value;
    const number = numbers.get(value) ?? numbers.size;
    numbers.set(value, number);
    return { $deployed: number } satisfies Placeholder;
  });
  return { text, values: [...numbers.keys()] };
}

/**
 * The settings, with the values in their places.
 *
 * @throws Error if a value is missing, or the file is not what `settingsFile` made
 */
export function filledSettings(text: string, values: readonly string[]): ProxySettings {
  const settings = JSON.parse(text, (_, value: unknown): unknown => {
    if (!isPlaceholder(value)) return value;
    const filled = values[value.$deployed];
    if (typeof filled !== 'string') throw new Error(`value ${value.$deployed} of the settings is missing`);
    return filled;
  }) as unknown;
  return decodeSettings({ [SETTINGS_VARIABLE]: JSON.stringify(settings) });
}

function isPlaceholder(value: unknown): value is Placeholder {
  return typeof value === 'object' && value !== null && typeof (value as Placeholder).$deployed === 'number';
}
