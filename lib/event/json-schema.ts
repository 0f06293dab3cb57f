import type { Field } from './field';
import { SCHEMA_VERSION, auditEventStruct } from './schema';

/** A JSON Schema, as far as events need it. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type: 'string' | 'integer' | 'boolean' | 'object' | 'array';
  readonly enum?: readonly (string | number)[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: false;
  readonly minProperties?: number;
}

/**
 * The JSON Schema (2020-12) of a sealed event: closed, no nulls, nothing empty, integers that every JSON reader keeps.
 *
 * @see https://json-schema.org/draft/2020-12
 */
export function eventJsonSchema(): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: `Audit event, version ${SCHEMA_VERSION}`,
    ...schemaOf(auditEventStruct),
  };
}

function schemaOf(field: Field): JsonSchema {
  const description = field.meaning;
  switch (field.kind) {
    case 'string':
      return field.values
        ? { type: 'string', description, enum: field.values }
        : { type: 'string', description, minLength: 1, maxLength: field.maxLength };
    case 'integer':
      return field.captions
        ? { type: 'integer', description, enum: Object.keys(field.captions).map(Number) }
        : { type: 'integer', description, minimum: Number.MIN_SAFE_INTEGER, maximum: Number.MAX_SAFE_INTEGER };
    case 'boolean':
      return { type: 'boolean', description };
    case 'list':
      return { type: 'array', description, items: schemaOf(field.element), minItems: 1 };
    case 'struct': {
      const members = Object.entries(field.fields);
      return {
        type: 'object',
        description,
        properties: Object.fromEntries(members.map(([name, member]) => [name, schemaOf(member)])),
        required: members.filter(([, member]) => member.required).map(([name]) => name),
        additionalProperties: false,
        minProperties: 1,
      };
    }
  }
}
