import type { Field } from './field';
import { auditEventStruct } from './schema';

/**
 * The declaration without its words: all that cleaning an event needs. The build computes it once and puts the result
 * into the functions' bundles in place of this module, so that they do not carry the documentation along.
 */
export type Shape =
  /** A string, at most so many UTF-16 code units long. */
  | number
  | 'integer'
  | 'boolean'
  /** A list of such elements. */
  | readonly [Shape]
  /** A struct. */
  | { readonly [name: string]: Shape };

export const auditEventShape: Shape = shapeOf(auditEventStruct);

function shapeOf(field: Field): Shape {
  switch (field.kind) {
    case 'string':
      return field.maxLength;
    case 'list':
      return [shapeOf(field.element)];
    case 'struct':
      return Object.fromEntries(Object.entries(field.fields).map(([name, part]) => [name, shapeOf(part)]));
    default:
      return field.kind;
  }
}
