import type { DuckDBConnection, DuckDBInstance } from '@duckdb/node-api';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { literal } from '../../../lib/event/sql/dialect';
import { queryValue } from '../../query/duckdb-values';
import { loadDuckDB, type DuckDB } from '../../query/load-duckdb';
import { QueryError, type QueryParameter } from '../../query/queries';
import { rowsOf, type Row } from '../events/rows';
import { collectGarbage } from './collect-garbage';

/**
 * Of the engine's buffers. Besides, it takes some 100 MiB a thread while it recomputes fingerprints, and what its allocator has not
 * given back yet. What does not fit is written into the room's folder.
 */
const MEMORY_MIB = 160;
/** The same once all is decoded, when nothing else takes any. */
const MEMORY_FOR_JUDGING_MIB = 192;
/**
 * What it may grow to where a statement cannot do with less, as for a very large object, or a trail that is mostly not as it
 * should be.
 */
const MOST_MEMORY_MIB = 2_048;

/** A statement needs more memory than it may have. */
export class OutOfMemory extends QueryError {}

/**
 * Where a verification works: an engine for SQL with bounded memory, its tables on disk, and scratch files. All of it
 * lies in one folder below the system's one for temporary files (`TMPDIR`), needs about 300 bytes an event there, and is
 * gone when the room is closed.
 */
export class WorkRoom {
  private files = 0;
  private memoryMiB = MEMORY_MIB;

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
        memory_limit: `${MEMORY_MIB}MiB`,
        // Beside it this process hashes: that is another core. Each thread takes memory of its own.
        threads: '1',
        // Gives memory back while nothing else happens.
        allocator_background_threads: 'true',
        // No object is read twice.
        enable_external_file_cache: 'false',
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

  /** Nothing more is decoded from here on: what that took is there for other statements. */
  async endDecoding(): Promise<void> {
    collectGarbage();
    await this.setMemory(MEMORY_FOR_JUDGING_MIB);
    await this.connection.run('SET threads = 2');
  }

  /** A statement for what it does. @throws QueryError where memory or disk do not suffice */
  async run(sql: string, parameters: readonly QueryParameter[] = []): Promise<void> {
    await this.withEnoughMemory(() => this.connection.run(sql, [...parameters]));
  }

  /** A statement for its rows, which must fit into memory. @throws QueryError as `run` */
  async rows(sql: string, parameters: readonly QueryParameter[] = []): Promise<Row[]> {
    const reader = await this.withEnoughMemory(() => this.connection.runAndReadAll(sql, [...parameters]));
    return rowsOf({
      columns: reader.deduplicatedColumnNames(),
      rows: reader.getRows().map((row) => row.map((value) => queryValue(value, this.duckdb))),
    });
  }

  /** How many rows a table has. */
  async count(table: string): Promise<number> {
    const [row] = await this.rows(`SELECT count(*) AS "rows" FROM ${table}`);
    return Number(row?.['rows'] ?? 0);
  }

  /** Path for a new scratch file. */
  scratch(): string {
    this.files += 1;
    return path.join(this.folder, `scratch-${this.files}`);
  }

  /** A statement that failed has changed nothing, and can be tried again. */
  private async withEnoughMemory<T>(statement: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await statement();
      } catch (error) {
        if (saysOf(error, /No space left on device/i)) {
          throw new QueryError(`no room is left on the disk of ${this.folder}: set TMPDIR to a folder that has more`);
        }
        if (!saysOf(error, /^Out of Memory Error/)) throw error;
        if (this.memoryMiB >= MOST_MEMORY_MIB) {
          // One statement may need so much; the next one need not.
          await this.setMemory(MEMORY_MIB);
          throw new OutOfMemory(`this needs more than ${MOST_MEMORY_MIB} MiB of memory, the most that it may take`);
        }
        await this.setMemory(Math.min(this.memoryMiB * 2, MOST_MEMORY_MIB));
      }
    }
  }

  private async setMemory(mib: number): Promise<void> {
    await this.connection.run(`SET memory_limit = '${mib}MiB'`);
    this.memoryMiB = mib;
  }

  async close(): Promise<void> {
    this.connection.closeSync();
    this.instance.closeSync();
    // After an error there may still be somebody who writes into it.
    await rm(this.folder, { recursive: true, force: true, maxRetries: 10 });
  }
}

function saysOf(error: unknown, what: RegExp): boolean {
  return error instanceof Error && what.test(error.message);
}
