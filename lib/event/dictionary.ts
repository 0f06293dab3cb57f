import { glueType } from './glue';
import { leaves, type Leaf } from './leaves';
import { OCSF_VERSION, SCHEMA_VERSION, auditEventSchema } from './schema';
import { flatViewColumns } from './sql/flat-view';

/** The data dictionary as Markdown: `docs/data-dictionary.md` holds exactly this text. */
export function dataDictionary(): string {
  return `# Data dictionary

<!-- Generated from lib/event/schema.ts: change the declaration, then run \`npm run docs:dictionary\`. -->

Every request leaves two audit events, an attempt and an outcome. The view \`audit_events\` shows one row a request; the
table \`audit_events_raw\` holds the events themselves, nested as OCSF has them. Both are partitioned by \`dt\` and
\`hour\` (UTC, from the event's \`time\`): name them in every query, and only their files are read.

## audit_events

${table(
  ['column', 'type', 'meaning'],
  flatViewColumns.map(({ name, prestoType, meaning }) => [code(name), prestoType, meaning]),
)}

## audit_events_raw

OCSF ${OCSF_VERSION}, class API Activity (6003), and Application Lifecycle (6002) for the closing event of a writer. This is
version ${SCHEMA_VERSION} of the declaration (\`metadata.log_version\`). Columns are only ever added.

Absent means NULL: no event holds an empty text, struct or list. \`[]\` stands behind a list. "Always" means that
every event carries the field; "with x" that it is there whenever \`x\` is.

${structs()}

${table(['field', 'type', 'meaning', 'source', 'required'], [...leaves().map(leafRow), ...PARTITION_ROWS])}
`;
}

const PARTITION_ROWS = [
  [code('dt'), 'string', 'Partition: day of `time`, YYYY-MM-DD, UTC.', '', 'always'],
  [code('hour'), 'string', 'Partition: hour of `time`, 00 to 23, UTC.', '', 'always'],
];

/** What the top-level structs stand for. */
function structs(): string {
  return Object.entries(auditEventSchema)
    .filter(([, field]) => field.kind === 'struct' || field.kind === 'list')
    .map(([name, field]) => `- ${code(name)}: ${field.meaning}`)
    .join('\n');
}

function leafRow({ path, field, optionalWithin }: Leaf): string[] {
  const required = !field.required ? '' : optionalWithin === undefined ? 'always' : `with ${code(optionalWithin)}`;
  return [code(path), glueType(field), field.meaning + valuesOf(field), field.source ?? '', required];
}

function valuesOf(field: Leaf['field']): string {
  if (field.kind === 'string' && field.values) return ` One of ${field.values.map(code).join(', ')}.`;
  if (field.kind === 'integer' && field.captions) {
    return ` ${Object.entries(field.captions)
      .map(([value, caption]) => `${value} ${caption}`)
      .join(', ')}.`;
  }
  return '';
}

function code(text: string): string {
  return `\`${text}\``;
}

/** A table in the form that Prettier gives it. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = [head, ...rows].map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = head.map((_, column) => Math.max(...cells.map((row) => row[column]!.length)));
  const line = (row: readonly string[], fill: string) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column]!, fill)).join(' | ')} |`;
  return [
    line(cells[0]!, ' '),
    line(
      head.map(() => ''),
      '-',
    ),
    ...cells.slice(1).map((row) => line(row, ' ')),
  ].join('\n');
}
