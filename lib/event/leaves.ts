import type { Field, ListField, StructField } from './field';
import { auditEventSchema } from './schema';

/** A field that holds a value itself. */
export interface Leaf {
  /** Dotted, `[]` behind a list: `actor.user.groups[].name`. */
  readonly path: string;
  readonly field: Exclude<Field, StructField | ListField>;
  /** Path of the innermost struct or list around it that an event may lack; absent if events never lack it. */
  readonly optionalWithin?: string;
}

/** Every leaf of the event, in the order of the schema. */
export function leaves(fields: Readonly<Record<string, Field>> = auditEventSchema): Leaf[] {
  return Object.entries(fields).flatMap(([name, field]) => leavesOf(name, field, undefined));
}

function leavesOf(path: string, field: Field, optionalWithin: string | undefined): Leaf[] {
  if (field.kind !== 'struct' && field.kind !== 'list') return [{ path, field, optionalWithin }];

  const within = field.required ? optionalWithin : path;
  // An element is there whenever its list is.
  if (field.kind === 'list') return leavesOf(`${path}[]`, { ...field.element, required: true }, within);
  return Object.entries(field.fields).flatMap(([name, member]) => leavesOf(`${path}.${name}`, member, within));
}
