import type { Field } from '../field';
import type { Footer, SchemaNode } from './footer';

/** Numbers of parquet.thrift. */
const TYPES = { boolean: 0, integer: 2, string: 6 } as const;
const CONVERTED = { boolean: [undefined], integer: [undefined, 18], string: [0] } as const;
const LOGICAL = { boolean: [undefined], integer: [undefined, 10], string: [undefined, 1] } as const;
const REPEATED = 2;
const SNAPPY = 1;

/**
 * What of a file's columns is not as declared: a column that is not, one of another type, or one that is compressed
 * otherwise than delivery streams do. What an older declaration did not have yet may be missing. The levels of a list may
 * be called as they like: Hive (and so Firehose) says `bag` and `array_element`, others `list` and `element`.
 *
 * @returns undefined if all is as declared
 */
export function columnProblem(footer: Footer, fields: Readonly<Record<string, Field>>): string | undefined {
  const problem = problemIn(footer.columns, fields, '');
  if (problem !== undefined) return problem;
  for (const { columns } of footer.groups) {
    const other = columns.find(({ codec }) => codec !== SNAPPY);
    if (other !== undefined) return `column ${other.path.join('.')} is compressed with codec ${other.codec}, not with Snappy (1)`;
  }
  return undefined;
} // prettier-ignore

function problemIn(
  nodes: readonly SchemaNode[],
  fields: Readonly<Record<string, Field>>,
  path: string,
): string | undefined {
  const seen = new Set<string>();
  for (const node of nodes) {
    const name = path + node.name;
    const field = Object.hasOwn(fields, node.name) ? fields[node.name] : undefined;
    if (field === undefined) return `column ${name} is not one of the schema`;
    if (seen.has(node.name)) return `column ${name} is there twice`;
    seen.add(node.name);
    const problem = node.repetition === REPEATED ? `column ${name} is repeated` : problemOf(node, field, name);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

function problemOf(node: SchemaNode, field: Field, path: string): string | undefined {
  switch (field.kind) {
    case 'struct':
      return node.children.length === 0 ? otherType(node, field, path) : problemIn(node.children, field.fields, `${path}.`);
    case 'list': {
      const [level, ...more] = node.children;
      const [element, ...others] = level?.children ?? [];
      const isList = level?.repetition === REPEATED && element !== undefined && element.repetition !== REPEATED;
      if (!isList || more.length + others.length > 0) return otherType(node, field, path);
      return problemOf(element, field.element, `${path}[]`);
    }
    default: {
      const isOfType =
        node.children.length === 0 &&
        node.type === TYPES[field.kind] &&
        (CONVERTED[field.kind] as readonly (number | undefined)[]).includes(node.convertedType) &&
        (LOGICAL[field.kind] as readonly (number | undefined)[]).includes(node.logicalType);
      return isOfType ? undefined : otherType(node, field, path);
    }
  }
} // prettier-ignore

function otherType({ type }: SchemaNode, { kind }: Field, path: string): string {
  return `column ${path} is of Parquet's type ${type ?? 'group'}, not a ${kind} as in the schema`;
}
