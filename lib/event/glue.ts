import type { Field } from './field';
import { auditEventSchema } from './schema';

/** A column of the Glue table `audit_events_raw`. */
export interface GlueColumn {
  readonly name: string;
  /** In Hive's syntax. */
  readonly type: string;
  readonly comment: string;
}

/**
 * A field's type in Hive's syntax, e.g. `struct<ip:string,port:bigint>`.
 *
 * @see https://docs.aws.amazon.com/athena/latest/ug/data-types.html
 */
export function glueType(field: Field): string {
  switch (field.kind) {
    case 'string':
      return 'string';
    case 'integer':
      return 'bigint';
    case 'boolean':
      return 'boolean';
    case 'list':
      return `array<${glueType(field.element)}>`;
    case 'struct': {
      const members = Object.entries(field.fields).map(([name, member]) => `${name}:${glueType(member)}`);
      return `struct<${members.join(',')}>`;
    }
  }
}

/** Glue refuses longer comments. @see https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html */
const MAX_COMMENT_LENGTH = 255;

/** The event's columns in the order of the schema, without the partition columns dt and hour. */
export function glueColumns(): GlueColumn[] {
  return Object.entries(auditEventSchema).map(([name, field]) => ({
    name,
    type: glueType(field),
    comment: field.meaning.slice(0, MAX_COMMENT_LENGTH),
  }));
}
