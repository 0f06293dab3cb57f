import type { AuditEvent } from './schema';
import { auditEventShape, type Shape } from './shape';

/**
 * Brings raw values into the form that survives JSON -> Parquet -> JSON unchanged: only declared fields, no nulls,
 * no empty strings, structs or lists, no control characters, no lone surrogates, integers within ±(2^53−1).
 * What is too long is cut, and reported through `onCut`.
 */

/** Makes control characters visible as `\u00XX` text, byte order marks too; replaces lone surrogates by U+FFFD. */
export function cleanString(value: string): string {
  return HOSTILE.test(value) ? value.toWellFormed().replace(HOSTILE_ALL, escapeCharacter) : wellFormed(value);
}

// C0, DEL, C1, the line separators that break line-based tools, and U+FEFF, which Parquet readers strip at the start.
const HOSTILE_CLASS = '[\\u0000-\\u001f\\u007f-\\u009f\\u2028\\u2029\\ufeff]';
const HOSTILE = new RegExp(HOSTILE_CLASS);
const HOSTILE_ALL = new RegExp(HOSTILE_CLASS, 'g');

function escapeCharacter(character: string): string {
  return '\\u' + character.charCodeAt(0).toString(16).padStart(4, '0');
}

function wellFormed(value: string): string {
  return value.isWellFormed() ? value : value.toWellFormed();
}

/** Cuts to at most `maxLength` UTF-16 code units without splitting a surrogate pair. */
export function cutString(value: string, maxLength: number): string {
  if (value.length <= maxLength) return value;
  const last = value.charCodeAt(maxLength - 1);
  const splits = last >= 0xd800 && last <= 0xdbff;
  return value.slice(0, splits ? maxLength - 1 : maxLength);
}

type Raw = { readonly [name: string]: unknown };

/**
 * Cleans a whole event.
 *
 * @throws TypeError if a value has the wrong type or is not declared: a fault of the program, never of a request.
 */
export function cleanEvent(raw: unknown, onCut: () => void = () => undefined): AuditEvent {
  const cleaned = clean(auditEventShape, raw, '', onCut);
  if (cleaned === undefined) throw new TypeError('audit event is empty');
  return cleaned as AuditEvent;
}

function clean(shape: Shape, value: unknown, path: string, onCut: () => void): unknown {
  if (value === undefined || value === null) return undefined;
  if (typeof shape === 'number') return cleanText(shape, value, path, onCut);
  if (shape === 'integer') {
    if (!Number.isSafeInteger(value)) throw wrongType(path, 'an integer within ±(2^53−1)', value);
    return (value as number) + 0; // -0 becomes 0
  }
  if (shape === 'boolean') {
    if (typeof value !== 'boolean') throw wrongType(path, 'a boolean', value);
    return value;
  }
  return isListShape(shape) ? cleanList(shape[0], value, path, onCut) : cleanStruct(shape, value, path, onCut);
}

function isListShape(shape: Exclude<Shape, number | string>): shape is readonly [Shape] {
  return Array.isArray(shape);
}

function cleanText(maxLength: number, value: unknown, path: string, onCut: () => void): string | undefined {
  if (typeof value !== 'string') throw wrongType(path, 'a string', value);
  const whole = cleanString(value);
  const text = cutString(whole, maxLength);
  if (text.length < whole.length) onCut();
  return text === '' ? undefined : text;
}

function cleanList(element: Shape, value: unknown, path: string, onCut: () => void): unknown {
  if (!Array.isArray(value)) throw wrongType(path, 'a list', value);
  const elements = value
    .map((part, i) => clean(element, part, `${path}[${i}]`, onCut))
    .filter((part) => part !== undefined);
  return elements.length === 0 ? undefined : elements;
}

function cleanStruct(
  fields: { readonly [name: string]: Shape },
  value: unknown,
  path: string,
  onCut: () => void,
): unknown {
  if (typeof value !== 'object' || Array.isArray(value)) throw wrongType(path, 'a struct', value);
  const cleaned: Record<string, unknown> = {};
  let empty = true;
  for (const name of Object.keys(value as Raw)) {
    const shape = Object.hasOwn(fields, name) ? fields[name] : undefined;
    const at = path === '' ? name : `${path}.${name}`;
    if (shape === undefined) throw new TypeError(`audit event: ${at} is not declared in lib/event/schema.ts`);
    const part = clean(shape, (value as Raw)[name], at, onCut);
    if (part === undefined) continue;
    cleaned[name] = part;
    empty = false;
  }
  return empty ? undefined : cleaned;
}

function wrongType(path: string, expected: string, value: unknown): TypeError {
  return new TypeError(`audit event: ${path || 'event'} must be ${expected}, got ${typeof value} ${String(value)}`);
}
