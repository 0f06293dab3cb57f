/**
 * What an object of the trail can have at most. What claims or has more was not written by a delivery stream, and is not
 * decoded: a few hundred KiB of Parquet can stand for GiBs.
 */

/** Bytes of an object: larger than any that a stream delivers. */
export const MAX_OBJECT_SIZE = 256 * 1024 * 1024;

/**
 * Rows of one object. A delivery stream gathers 64 MiB of JSON, and up to twice as much
 * when it catches up; no event and no edge record takes less than half a KiB.
 */
export const MAX_ROWS = 262_144;

/** Entries of one column in one row group: a row can have several in a list. */
export const MAX_ENTRIES = 4 * 1024 * 1024;

/** Bytes of a footer. Ours have some 40 KiB for each row group, statistics included. */
export const MAX_FOOTER_BYTES = 4 * 1024 * 1024;

/** Values in a footer. Ours have some 8,000 for each row group. */
export const MAX_FOOTER_VALUES = 200_000;

/** Bytes of one column once decompressed. A dictionary stands for its entries, so this is less than what its rows show. */
export const MAX_COLUMN_BYTES = 128 * 1024 * 1024;

/**
 * Bytes of one page once decompressed. Writers begin a new one at 1 MiB, but some look at the size after 100 rows only, each
 * of which can hold a body of up to 1 MiB.
 */
export const MAX_PAGE_BYTES = MAX_COLUMN_BYTES;

/**
 * Bytes of all values that the rows of an object show, however few stand in it. In the JSON that a stream gathers (see
 * `MAX_ROWS`) they take as much or more.
 */
export const MAX_SHOWN_BYTES = 256 * 1024 * 1024;

/** Values, absent ones included, of all columns of an object; an event has some 200 columns. */
export const MAX_VALUES = 64 * 1024 * 1024;

/** Bytes of one text: a record of a stream has 1,000 KiB at most. */
export const MAX_VALUE_BYTES = 1024 * 1024;

/** Bytes of all columns once decompressed. */
export const MAX_OBJECT_BYTES = 512 * 1024 * 1024;

/** Bytes of a line of JSON. A record of a stream has 1,000 KiB at most; `recover` also brings in events that are larger. */
export const MAX_LINE_BYTES = 4 * 1024 * 1024;

/** Structs and lists within each other in an event; the declaration has 7. */
export const MAX_DEPTH = 32;
