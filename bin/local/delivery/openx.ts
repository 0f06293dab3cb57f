import type { Field, StructField } from '../../../lib/event/field';
import { JsonNumber, JsonSyntaxError, parseDocuments, type JsonObject, type JsonValue } from './json';

/**
 * How Firehose's OpenX JSON SerDe reads records into the columns of a Glue table, at its default options
 * (CaseInsensitive true, no mappings). It is lenient: what does not have the declared shape is bent into it where
 * there is a way, so that a record can be stored otherwise than it was meant.
 *
 * - names match whatever their case; undeclared ones are dropped without a word;
 * - missing and null are NULL, `{}` is a struct of NULLs, `[]` stays an empty list;
 * - what is no array becomes a list of one; an array fills a struct by position;
 * - text is read into integer and boolean columns, and anything becomes text in a string column;
 * - a scalar for a struct, a fraction or more than 64 bits for an integer fail the record.
 *
 * Integers are exact over all of int64. A fraction in a string column keeps the text that the record has (Firehose
 * writes what Java makes of the double). Two names that differ only in case fail the record: which one Firehose takes
 * is not documented, and a log must not choose.
 *
 * @see https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html
 */

/** A row of a table: names of columns to values; NULLs in structs are left out, in lists they are null. */
export type Row = Record<string, unknown>;

export class ConversionError extends Error {
  override readonly name = 'ConversionError';
  /** @param code as Firehose names it in error records, e.g. `DataFormatConversion.MalformedData` */
  constructor(
    readonly code: `DataFormatConversion.${'MalformedData' | 'ParseError'}`,
    message: string,
  ) {
    super(message);
  }
}

/**
 * Converts one record, which may hold several objects one after another.
 *
 * @throws ConversionError if any of them does not fit: a record goes into the table as a whole or not at all.
 */
export function convertRecord(data: Uint8Array, table: Pick<StructField, 'fields'>): Row[] {
  try {
    return convertDocuments(parseDocuments(data), table);
  } catch (error) {
    if (!(error instanceof JsonSyntaxError)) throw error;
    throw new ConversionError('DataFormatConversion.ParseError', `Encountered malformed JSON. ${error.message}`);
  }
}

/** As convertRecord, of a record that has been read already. */
export function convertDocuments(documents: readonly JsonValue[], table: Pick<StructField, 'fields'>): Row[] {
  if (documents.length === 0) throw malformed('The record was empty or contained only whitespace.');
  return documents.map((document) => {
    if (document instanceof Map) return namedFields(table.fields, document);
    if (Array.isArray(document)) throw malformed('The input JSON contained an array of documents.');
    throw malformed('The input JSON contained a primitive at the top level.');
  });
}

type Fields = Readonly<Record<string, Field>>;

function namedFields(fields: Fields, object: JsonObject): Row {
  const row: Row = {};
  for (const [key, value] of object) {
    const name = Object.hasOwn(fields, key) ? key : key.toLowerCase();
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (field === undefined) continue;
    if (Object.hasOwn(row, name)) throw mismatch(`Duplicate key "${name}"`);
    row[name] = value === null ? undefined : convert(field, value);
  }
  return row;
}

function positionalFields(fields: Fields, array: readonly JsonValue[]): Row {
  const row: Row = {};
  Object.entries(fields).forEach(([name, field], position) => {
    const value = array[position];
    if (value !== undefined && value !== null) row[name] = convert(field, value);
  });
  return row;
}

function convert(field: Field, value: Exclude<JsonValue, null>): unknown {
  switch (field.kind) {
    case 'string':
      return typeof value === 'string' ? value : textOf(value);
    case 'integer':
      return integerOf(scalarText(value));
    case 'boolean':
      return typeof value === 'boolean' ? value : booleanOf(scalarText(value));
    case 'list':
      return (Array.isArray(value) ? value : [value]).map((element) =>
        element === null ? null : convert(field.element, element),
      );
    case 'struct':
      if (value instanceof Map) return namedFields(field.fields, value);
      if (Array.isArray(value)) return positionalFields(field.fields, value);
      throw mismatch(`Data is not JSONObject  but ${javaClass(value)} with value ${scalarText(value)}`);
  }
}

/** The text of a value in a string column: JSON with lower-cased names, where it is no scalar. */
function textOf(value: JsonValue): string {
  if (value === null) return 'null';
  if (value instanceof JsonNumber) return value.text;
  if (typeof value !== 'object') return String(value);
  return jsonText(value);
}

function jsonText(value: JsonValue): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(jsonText).join(',')}]`;
  if (!(value instanceof Map)) return textOf(value);
  return `{${Array.from(value, ([name, part]) => `${JSON.stringify(name.toLowerCase())}:${jsonText(part)}`).join(',')}}`;
}

function scalarText(value: Exclude<JsonValue, null>): string {
  if (value instanceof JsonNumber) return value.text;
  if (typeof value !== 'object') return String(value);
  throw mismatch(`A scalar column cannot hold a JSON ${Array.isArray(value) ? 'array' : 'object'}.`);
}

const MAX_INT64 = 2n ** 63n - 1n;

/** Reads as Java's Long.parseLong does. A number where it is exact, a bigint beyond 2^53. */
function integerOf(text: string): number | bigint {
  // 19 digits are the most that int64 holds; without the bound, BigInt would labour on a record of a million.
  if (!/^[+-]?0*[0-9]{1,19}$/.test(text)) throw mismatch(`For input string: "${text.slice(0, 100)}"`);
  const integer = BigInt(text.replace('+', ''));
  if (integer > MAX_INT64 || integer < -MAX_INT64 - 1n) throw mismatch(`For input string: "${text}"`);
  const number = Number(integer);
  return Number.isSafeInteger(number) ? number : integer;
}

function booleanOf(text: string): boolean {
  if (/^true$/i.test(text)) return true;
  if (/^false$/i.test(text)) return false;
  throw mismatch(`For input string: "${text.slice(0, 100)}"`);
}

function javaClass(value: string | boolean | JsonNumber): string {
  if (typeof value === 'string') return 'java.lang.String';
  if (typeof value === 'boolean') return 'java.lang.Boolean';
  return /[.eE]/.test(value.text) ? 'java.lang.Double' : 'java.lang.Long';
}

function malformed(message: string): ConversionError {
  return new ConversionError('DataFormatConversion.MalformedData', message);
}

function mismatch(detail: string): ConversionError {
  return malformed(`Data does not match the schema. ${detail}`);
}
