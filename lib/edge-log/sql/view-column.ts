/** A column of a view over the edge log. */
export interface EdgeViewColumn {
  readonly name: string;
  /** Its type in Athena's SQL. */
  readonly prestoType: 'varchar' | 'bigint' | 'timestamp(3)';
  /** Its type in Glue. */
  readonly hiveType: 'string' | 'bigint' | 'timestamp';
  /** One sentence for readers. */
  readonly meaning: string;
}

export const text = (name: string, meaning: string): EdgeViewColumn => ({
  name,
  prestoType: 'varchar',
  hiveType: 'string',
  meaning,
});

export const bigint = (name: string, meaning: string): EdgeViewColumn => ({
  name,
  prestoType: 'bigint',
  hiveType: 'bigint',
  meaning,
});

export const timestamp = (name: string, meaning: string): EdgeViewColumn => ({
  name,
  prestoType: 'timestamp(3)',
  hiveType: 'timestamp',
  meaning,
});
