import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { literal } from '../../../lib/event/sql/dialect';
import { queryValue } from '../../query/duckdb-values';
import { loadDuckDB, type DuckDB } from '../../query/load-duckdb';
import type { QueryParameter } from '../../query/queries';
import { rowsOf, type Row } from '../events/rows';

/** Of the engine; the process takes about as much again. What does not fit is written into the room's folder. */
const MEMORY = '256MB';

/**
 * Where a verification works: an engine for SQL with bounded memory, its tables on disk, and scratch files. All of it
 * lies in one folder below the system's one for temporary files (`TMPDIR`), needs about 300 bytes an event there, and is
 * gone when the room is closed.
 */
export class WorkRoom {
  private files = 0;

  private constructor(
    private readonly folder: string,
    private readonly duckdb: DuckDB,
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
  ) {}

  /** @throws QueryError if DuckDB is not installed */
  static async open(): Promise<WorkRoom> {
    const duckdb = await loadDuckDB();
    const folder = await mkdtemp(path.join(tmpdir(), 'audit-proxy-verify-'));
    try {
      const instance = await duckdb.DuckDBInstance.create(path.join(folder, 'work.duckdb'), {
        autoinstall_known_extensions: 'false',
        autoload_known_extensions: 'false',
        memory_limit: MEMORY,
        preserve_insertion_order: 'false',
      });
      const connection = await instance.connect();
      await connection.run(`SET TimeZone = 'UTC'`);
      await connection.run(`SET temp_directory = ${literal(path.join(folder, 'spilled'))}`);
      return new WorkRoom(folder, duckdb, instance, connection);
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
  }

  /** A statement for what it does. */
  async run(sql: string, parameters: readonly QueryParameter[] = []): Promise<void> {
    await this.connection.run(sql, [...parameters]);
  }

  /** A statement for its rows, which must fit into memory. */
  async rows(sql: string, parameters: readonly QueryParameter[] = []): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql, [...parameters]);
    return rowsOf({
      columns: reader.deduplicatedColumnNames(),
      rows: reader.getRows().map((row) => row.map((value) => queryValue(value, this.duckdb))),
    });
  }

  /** Path for a new scratch file. */
  scratch(): string {
    this.files += 1;
    return path.join(this.folder, `scratch-${this.files}`);
  }

  async close(): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    // After an error there may still be somebody who writes into it.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}
