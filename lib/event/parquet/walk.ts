import { MAX_SHOWN_BYTES } from '../objects/limits';
import { readColumn, type ColumnReader } from './column';
import type { ColumnChunk, Footer, ParquetBytes, RowGroup, SchemaNode } from './footer';

/** Told of a file's columns. */
export interface GroupReader {
  reader(chunk: ColumnChunk): ColumnReader & { end(): void };
  finish(): void;
}

/**
 * Reads all columns of a file, one after the other and each page by page. When it is through, decoding the file takes
 * bounded time and memory.
 *
 * @param groupReader default: nobody is told
 * @throws Error that says what is wrong with it, or which bound of `limits.ts` it exceeds
 */
export async function walkColumns(
  { columns, groups }: Footer,
  { range }: ParquetBytes,
  groupReader: (group: RowGroup) => GroupReader = () => NOBODY,
): Promise<void> {
  const paths = pathsOf(columns);
  let shown = 0;
  const meter = (bytes: number) => {
    shown += bytes;
    if (shown > MAX_SHOWN_BYTES) throw new Error(`its rows stand for more than ${MAX_SHOWN_BYTES} bytes`);
  };
  for (const group of groups) {
    const isAsSchema = group.columns.length === paths.length && group.columns.every(({ path }, i) => path.join('.') === paths[i]); // prettier-ignore
    if (!isAsSchema) throw new Error('a row group has other columns than the schema');
    const into = groupReader(group);
    for (const chunk of group.columns) {
      const reader = into.reader(chunk);
      readColumn(chunk, await range(chunk.start, chunk.end), columns, meter, reader);
      reader.end();
    }
    into.finish();
  }
}

const NO_COLUMN = { value: () => undefined, entry: () => undefined, end: () => undefined };
const NOBODY: GroupReader = { reader: () => NO_COLUMN, finish: () => undefined };

/** Of the columns, in the order of the schema. */
function pathsOf(nodes: readonly SchemaNode[], above = ''): string[] {
  return nodes.flatMap(({ name, children }) =>
    children.length === 0 ? [above + name] : pathsOf(children, `${above}${name}.`),
  );
}
