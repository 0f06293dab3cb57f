/** What a Parquet file claims, and what its one page does. */
export interface Bomb {
  /** Rows by the footer. */
  readonly rows: number;
  /** Values by the footer. @default rows */
  readonly values?: number;
  /** Values by the header of the page. @default values */
  readonly pageValues?: number;
  /** Bytes of the page by its header. @default what it has */
  readonly pageBytes?: number;
  /** Bytes of the page by Snappy's own preamble. @default what it has */
  readonly snappyBytes?: number;
  /** Row groups. @default 1 */
  readonly groups?: number;
}

/**
 * A Parquet file of a few hundred bytes that stands for as many events as you like, all with the same fingerprint: a run
 * takes no more room the longer it is.
 */
export function parquetBomb({
  rows,
  values = rows,
  pageValues = values,
  pageBytes,
  snappyBytes,
  groups = 1,
}: Bomb): Buffer {
  const [dictionary, data] = [dictionaryBytes('ab'.repeat(32)), dataBytes(pageValues)];
  const pages = [
    page(2, dictionary, 7, [i32(1), i32(0)]),
    page(0, data, 5, [i32(pageValues), i32(8), i32(3), i32(3)], pageBytes, snappyBytes),
  ];
  const chunk = Buffer.concat(pages);
  const start = 4;
  const path = ['attestation_list', 'bag', 'array_element', 'fingerprint', 'value'];
  const column = struct([
    [
      3,
      12,
      struct([
        [1, 5, varint(12)],
        [2, 9, list(5, [varint(0)])],
        [3, 9, list(8, path.map(text))],
        [4, 5, varint(2)],
        [5, 6, zig(values)],
        [6, 6, zig(chunk.length)],
        [7, 6, zig(chunk.length)],
        [9, 6, zig(start + pages[0]!.length)],
        [11, 6, zig(start)],
      ]),
    ],
  ]);
  const group = struct([
    [1, 9, list(12, [column])],
    [2, 6, zig(chunk.length)],
    [3, 6, zig(rows)],
  ]);
  const footer = struct([
    [1, 5, varint(2)],
    [
      2,
      9,
      list(12, [
        node('hive_schema', undefined, 1),
        node('attestation_list', 1, 1),
        node('bag', 2, 1),
        node('array_element', 1, 1),
        node('fingerprint', 1, 1),
        struct([
          [1, 5, varint(12)],
          [3, 5, varint(2)],
          [4, 8, text('value')],
          [6, 5, varint(0)],
        ]),
      ]),
    ],
    [3, 6, zig(rows * groups)],
    [
      4,
      9,
      list(
        12,
        Array.from({ length: groups }, () => group),
      ),
    ],
  ]);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(footer.length);
  return Buffer.concat([Buffer.from('PAR1'), chunk, footer, length, Buffer.from('PAR1')]);
}

type Entry = readonly [id: number, type: number, bytes: Buffer];

function page(
  type: number,
  bytes: Buffer,
  id: number,
  detail: readonly Buffer[],
  said = bytes.length,
  preamble = bytes.length,
): Buffer {
  const compressed = snappy(bytes, preamble);
  const fields = detail.map((value, i): Entry => [i + 1, 5, value]);
  const header = struct([
    [1, 5, i32(type)],
    [2, 5, i32(said)],
    [3, 5, i32(compressed.length)],
    [id, 12, struct(fields)],
  ]);
  return Buffer.concat([header, compressed]);
}

/** Levels and indexes as runs: bag, list, struct and value are there in every row. */
function dataBytes(values: number): Buffer {
  const run = varint(values * 2);
  const levels = (level: number) => {
    const bytes = Buffer.concat([run, Buffer.from([level])]);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(bytes.length);
    return Buffer.concat([length, bytes]);
  };
  return Buffer.concat([levels(0), levels(5), Buffer.from([1]), run, Buffer.from([0])]);
}

function dictionaryBytes(value: string): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(value.length);
  return Buffer.concat([length, Buffer.from(value)]);
}

/** One literal after the preamble. */
function snappy(bytes: Buffer, preamble: number): Buffer {
  if (bytes.length > 256) throw new Error('too long for this');
  return Buffer.concat([varint(preamble), Buffer.from([60 << 2, bytes.length - 1]), bytes]);
}

function node(name: string, repetition: number | undefined, children: number): Buffer {
  const optional: Entry[] = repetition === undefined ? [] : [[3, 5, i32(repetition)]];
  return struct([...optional, [4, 8, text(name)], [5, 5, i32(children)]]);
}

/** Thrift's compact protocol. */
function struct(entries: readonly Entry[]): Buffer {
  let last = 0;
  const parts = entries.map(([id, type, bytes]) => {
    const head = Buffer.from([((id - last) << 4) | type]);
    last = id;
    return Buffer.concat([head, bytes]);
  });
  return Buffer.concat([...parts, Buffer.from([0])]);
}

function list(type: number, items: readonly Buffer[]): Buffer {
  const head =
    items.length < 15
      ? Buffer.from([(items.length << 4) | type])
      : Buffer.concat([Buffer.from([0xf0 | type]), varint(items.length)]);
  return Buffer.concat([head, ...items]);
}

function text(value: string): Buffer {
  return Buffer.concat([varint(value.length), Buffer.from(value)]);
}

function i32(value: number): Buffer {
  return zig(value);
}

function zig(value: number): Buffer {
  return varint(value * 2);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (; value >= 128; value = Math.floor(value / 128)) bytes.push((value % 128) + 128);
  return Buffer.from([...bytes, value]);
}
