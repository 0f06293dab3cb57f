import fs from 'node:fs';
import path from 'node:path';
import { CedarError } from './error';

/** Policies as they were written, by the files they came from. */
export interface CedarText {
  /** In the order of their files' names. */
  readonly policies: readonly { readonly file: string; readonly text: string }[];
  readonly schema?: string | undefined;
}

/**
 * Reads `*.cedar` and at most one `*.cedarschema` of a folder; folders in it are passed over.
 *
 * @throws CedarError if there is none
 */
export function readCedarFolder(folder: string): CedarText {
  const names = namesIn(folder);
  const policies = names.filter((name) => name.endsWith('.cedar'));
  const schemas = names.filter((name) => name.endsWith('.cedarschema'));
  if (policies.length === 0) throw new CedarError([`${folder} holds no file *.cedar`]);
  if (schemas.length > 1) throw new CedarError([`${folder} holds several schemas: ${schemas.join(', ')}`]);
  const [schema] = schemas;
  const read = (name: string) => fs.readFileSync(path.join(folder, name), 'utf8');
  return {
    policies: policies.map((file) => ({ file, text: read(file) })),
    ...(schema !== undefined && { schema: read(schema) }),
  };
}

function namesIn(folder: string): string[] {
  try {
    const entries = fs.readdirSync(folder, { withFileTypes: true });
    return entries.flatMap((entry) => (entry.isFile() ? [entry.name] : [])).sort();
  } catch (error) {
    throw new CedarError([`${folder} cannot be read: ${(error as NodeJS.ErrnoException).code ?? String(error)}`]);
  }
}
