import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { confine } from './confine';
import { queryValue } from './duckdb-values';
import { loadDuckDB, type DuckDB } from './load-duckdb';
import { listLocalObjects, resolveTrail, type LocalObjects } from './local-objects';
import { localTables } from './local-tables';
import { QueryError, type Queries, type QueryParameter, type QueryResult } from './queries';
import { rawEdgeSql, rawEventsSql } from './raw-view';
import { prepareReadOnly } from './read-only';

/** An object that DuckDB cannot decode. */
export interface UnreadableObject {
  readonly key: string;
  /** What DuckDB says of it. */
  readonly reason: string;
}

/** A trail in a local folder. It also has the table `audit_event_objects`: `object` (key), `uid`, `dt`, `hour`. */
export interface LocalTrail extends Queries {
  /** From now on, statements see the objects that are there now, and no others. */
  snapshot(): Promise<void>;
  /** Takes the objects that cannot be decoded out of the snapshot, so that the others can be looked at. */
  dropUnreadable(): Promise<readonly UnreadableObject[]>;
  /** Keys of the objects that the last statement saw. */
  objects(): readonly string[];
}

/**
 * Opens the trail in a local folder for queries by DuckDB. Each statement sees the objects that are there when it
 * begins, also while the pipeline adds to them. Nothing is ever written.
 *
 * @param dir folder of the trail; it may still be empty.
 * @throws QueryError if the folder does not exist or DuckDB is not installed.
 */
export async function openLocalTrail(dir: string): Promise<LocalTrail> {
  const root = await resolveTrail(dir);
  const duckdb = await loadDuckDB();
  const instance = await duckdb.DuckDBInstance.create(':memory:', {
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection = await instance.connect();
  await confine(connection, root);
  return new DuckDBTrail(root, duckdb, instance, connection);
}

const KINDS = ['parquet', 'json', 'edge'] as const satisfies readonly (keyof LocalObjects)[];

class DuckDBTrail implements LocalTrail {
  private listed: LocalObjects | undefined;
  private isSnapshot = false;
  private last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly root: string,
    private readonly duckdb: DuckDB,
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  run(sql: string, parameters: readonly QueryParameter[] = []): Promise<QueryResult> {
    return this.inTurn(async () => {
      if (!this.isSnapshot) await this.show(await listLocalObjects(this.root));
      const statement = await prepareReadOnly(this.connection, sql);
      try {
        if (statement.parameterCount !== parameters.length) {
          throw new QueryError(
            `the statement has ${statement.parameterCount} parameters, ${parameters.length} were given`,
          );
        }
        statement.bind([...parameters]);
        const reader = await statement.runAndReadAll();
        return {
          columns: reader.deduplicatedColumnNames(),
          rows: reader.getRows().map((row) => row.map((value) => queryValue(value, this.duckdb))),
        };
      } finally {
        statement.destroySync();
      }
    });
  }

  snapshot(): Promise<void> {
    return this.inTurn(async () => {
      this.isSnapshot = true;
      await this.show(await listLocalObjects(this.root));
    });
  }

  dropUnreadable(): Promise<readonly UnreadableObject[]> {
    return this.inTurn(async () => {
      this.isSnapshot = true;
      const unreadable: UnreadableObject[] = [];
      const readable = { parquet: [] as string[], json: [] as string[], edge: [] as string[] };
      for (const kind of KINDS) {
        for (const key of this.listed?.[kind] ?? []) {
          const reason = await this.problemOf({ parquet: [], json: [], edge: [], [kind]: [key] });
          if (reason === undefined) readable[kind].push(key);
          else unreadable.push({ key, reason });
        }
      }
      await this.show(readable);
      return unreadable;
    });
  }

  objects(): readonly string[] {
    return KINDS.flatMap((kind) => this.listed?.[kind] ?? []);
  }

  async close(): Promise<void> {
    await this.last;
    this.connection.closeSync();
    this.instance.closeSync();
  }

  /** Decodes every value of some objects. Undefined if that works. */
  private async problemOf(objects: LocalObjects): Promise<string | undefined> {
    try {
      for (const rows of [rawEventsSql(this.root, objects), rawEdgeSql(this.root, objects)]) {
        await this.connection.run(`SELECT bit_xor(hash(e)) FROM (${rows}) AS e`);
      }
      return undefined;
    } catch (error) {
      return engineMessage(error);
    }
  }

  /** Makes the tables show these objects. */
  private async show(objects: LocalObjects): Promise<void> {
    if (this.listed !== undefined && sameKeys(this.listed, objects)) return;
    for (const [view, body] of localTables(this.root, objects)) {
      await this.connection.run(`CREATE OR REPLACE VIEW ${view} AS ${body}`);
    }
    this.listed = objects;
  }

  /** One statement after the other: they share the tables. */
  private inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = this.last.then(work).catch((error: unknown) => {
      throw error instanceof QueryError ? error : new QueryError(engineMessage(error));
    });
    this.last = result.catch(() => undefined);
    return result;
  }
}

function sameKeys(a: LocalObjects, b: LocalObjects): boolean {
  const same = (x: readonly string[], y: readonly string[]) =>
    x.length === y.length && x.every((key, i) => key === y[i]);
  return KINDS.every((kind) => same(a[kind], b[kind]));
}

/** DuckDB's message on one line, without its picture of the statement. */
function engineMessage(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message
    .split(/\n\s*\nLINE \d+:/)[0]!
    .replace(/^Failed to extract statements: /, '')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
}
