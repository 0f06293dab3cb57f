import { DuckDBInstance, type DuckDBConnection } from '@duckdb/node-api';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { duckdbEmptyTableSql, duckdbReadJsonColumns } from '../../lib/event/duckdb';
import { partitionOf } from '../../lib/event/keys';
import type { AuditEvent } from '../../lib/event/schema';
import { literal } from '../../lib/event/sql/dialect';

/** A DuckDB in memory with the table `raw`, in which events lie as they do in the trail, and a folder beside it. */
export class EventTable {
  private constructor(
    readonly connection: DuckDBConnection,
    readonly folder: string,
  ) {}

  static async create(): Promise<EventTable> {
    const connection = await (await DuckDBInstance.create(':memory:')).connect();
    await connection.run(`CREATE TABLE raw AS ${duckdbEmptyTableSql()}`);
    return new EventTable(connection, mkdtempSync(path.join(tmpdir(), 'event-table-')));
  }

  async insert(events: readonly unknown[]): Promise<void> {
    const rows = events.map((event) => ({ ...(event as AuditEvent), ...partitionOf((event as AuditEvent).time) }));
    const file = this.write('rows.json', rows.map((row) => JSON.stringify(row)).join('\n'));
    const columns = duckdbReadJsonColumns().replace(/}$/, ", 'dt': 'VARCHAR', 'hour': 'VARCHAR'}");
    await this.connection.run(
      `INSERT INTO raw SELECT * FROM read_json(${literal(file)}, format = 'newline_delimited', columns = ${columns})`,
    );
  }

  /** Puts a file into the folder. @returns its path */
  write(name: string, content: string | Uint8Array): string {
    const file = path.join(this.folder, name);
    writeFileSync(file, content);
    return file;
  }

  async query(sql: string): Promise<Record<string, unknown>[]> {
    const reader = await this.connection.runAndReadAll(sql);
    return reader.getRowObjectsJson() as Record<string, unknown>[];
  }

  close(): void {
    this.connection.closeSync();
    rmSync(this.folder, { recursive: true, force: true });
  }
}
