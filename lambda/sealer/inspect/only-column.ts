import type { FileMetaData, SchemaElement } from 'hyparquet';

/**
 * The footer of a Parquet file as if it had this one column only, so that nothing else of it is read: hyparquet itself
 * chooses whole top-level columns, and a struct with much in it is many times as large.
 *
 * @param path matches the path of one leaf column, with dots between its parts
 * @throws Error if there is not exactly one
 */
export function onlyColumn(metadata: FileMetaData, path: RegExp): FileMetaData {
  const schema = prune(metadata.schema, path);
  if (schema.filter(isLeaf).length !== 1) throw new Error('there is no such column as that of the fingerprints');
  const row_groups = metadata.row_groups.map((group) => ({
    ...group,
    columns: group.columns.filter(({ meta_data }) => path.test(meta_data?.path_in_schema.join('.') ?? '')),
  }));
  return { ...metadata, schema, row_groups };
}

/** The schema lists its elements in preorder, each with the number of its children. */
function prune(schema: readonly SchemaElement[], path: RegExp): SchemaElement[] {
  let at = 0;
  const next = (names: readonly string[]): SchemaElement[] => {
    const element = schema[at++];
    if (element === undefined) throw new Error('the schema is cut off');
    if (isLeaf(element)) return path.test(names.concat(element.name).join('.')) ? [element] : [];
    // The root has a name that is no part of paths.
    const below = at === 1 ? [] : [...names, element.name];
    const children: SchemaElement[][] = [];
    for (let child = 0; child < element.num_children!; child++) children.push(next(below));
    const kept = children.filter((part) => part.length > 0);
    return kept.length === 0 ? [] : [{ ...element, num_children: kept.length }, ...kept.flat()];
  };
  return next([]);
}

function isLeaf({ num_children }: SchemaElement): boolean {
  return !num_children;
}
