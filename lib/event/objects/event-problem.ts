import type { Field } from '../field';
import { auditEventStruct } from '../schema';

/**
 * What of a value is not as the schema declares events: a field that is none, one of another type, a word or number
 * outside an enumeration, a required field that is missing. Long texts are no problem: an older declaration may have
 * allowed them.
 *
 * @returns undefined if it is an event
 */
export function eventProblem(value: unknown): string | undefined {
  return problemOf(value, auditEventStruct, 'event');
}

function problemOf(value: unknown, field: Field, path: string): string | undefined {
  switch (field.kind) {
    case 'string':
      if (typeof value !== 'string') return `${path} is no text`;
      return field.values === undefined || field.values.includes(value) ? undefined : outside(path, value, field.values);
    case 'integer':
      if (!Number.isSafeInteger(value)) return `${path} is no integer`;
      if (field.min !== undefined && (value as number) < field.min) return `${path} is ${String(value)}`;
      return field.captions === undefined || Object.hasOwn(field.captions, String(value))
        ? undefined
        : outside(path, value, Object.keys(field.captions));
    case 'boolean':
      return typeof value === 'boolean' ? undefined : `${path} is neither true nor false`;
    case 'list': {
      if (!Array.isArray(value)) return `${path} is no list`;
      if (field.length !== undefined && value.length !== field.length) return `${path} has ${value.length} entries`;
      return first(value.map((element, i) => () => problemOf(element, field.element, `${path}[${i}]`)));
    }
    case 'struct': {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${path} is no struct`;
      const members = value as Readonly<Record<string, unknown>>;
      const undeclared = Object.keys(members).find((name) => !Object.hasOwn(field.fields, name));
      if (undeclared !== undefined) return `${path}.${undeclared} is no field of events`;
      return first(
        Object.entries(field.fields).map(([name, member]) => () => {
          if (Object.hasOwn(members, name)) return problemOf(members[name], member, `${path}.${name}`);
          return member.required ? `${path}.${name} is missing` : undefined;
        }),
      );
    }
  }
} // prettier-ignore

function first(checks: readonly (() => string | undefined)[]): string | undefined {
  for (const check of checks) {
    const problem = check();
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function outside(path: string, value: unknown, allowed: readonly string[]): string {
  return `${path} is ${JSON.stringify(value).slice(0, 100)}; allowed: ${allowed.join(', ')}`;
}
