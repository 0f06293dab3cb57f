/**
 * The small language in which the audit event is declared (see schema.ts).
 *
 * Four kinds only: string, integer, boolean, struct, and lists of them. No floats, maps, nulls or
 * free-form values, so that a JSON event survives the way through Parquet unchanged.
 */

/** What every field tells about itself, whatever its kind. */
export interface Described {
  /** One sentence for the data dictionary. */
  readonly meaning: string;
  /** Where the value comes from, e.g. an API Gateway context variable. */
  readonly source?: string;
  /** Whether every event carries the field (within its struct, if that is there at all). */
  readonly required: boolean;
}

export interface StringField extends Described {
  readonly kind: 'string';
  /** Longest value in UTF-16 code units; the builder cuts what is longer and marks the event truncated. */
  readonly maxLength: number;
  /** The only values allowed, if the field is an enumeration. */
  readonly values?: readonly string[];
}

export interface IntegerField extends Described {
  readonly kind: 'integer';
  /** The only values allowed, each with its OCSF caption, if the field is an enumeration. */
  readonly captions?: Readonly<Record<number, string>>;
  /** The lowest value allowed. */
  readonly min?: number;
}

export interface BooleanField extends Described {
  readonly kind: 'boolean';
}

export interface StructField extends Described {
  readonly kind: 'struct';
  readonly fields: Readonly<Record<string, Field>>;
}

export interface ListField extends Described {
  readonly kind: 'list';
  readonly element: Field;
  /** How many elements it has, if that is always the same number. */
  readonly length?: number;
}

export type Field = StringField | IntegerField | BooleanField | StructField | ListField;

/** Longest string unless a field says otherwise: fits any header that API Gateway lets in (10,240 bytes). */
export const DEFAULT_MAX_LENGTH = 10_240;

type Details = { readonly source?: string };

export function string<const V extends readonly string[] = readonly string[]>(
  meaning: string,
  details: Details & { readonly maxLength?: number; readonly values?: V } = {},
) {
  return {
    kind: 'string' as const,
    meaning,
    required: false as const,
    maxLength: DEFAULT_MAX_LENGTH,
    ...details,
  } as StringField & { required: false; values?: V };
}

export function integer(
  meaning: string,
  details: Details & { readonly captions?: Readonly<Record<number, string>>; readonly min?: number } = {},
) {
  return { kind: 'integer' as const, meaning, required: false as const, ...details };
}

export function boolean(meaning: string, details: Details = {}) {
  return { kind: 'boolean' as const, meaning, required: false as const, ...details };
}

export function struct<F extends Readonly<Record<string, Field>>>(meaning: string, fields: F, details: Details = {}) {
  return { kind: 'struct' as const, meaning, required: false as const, fields, ...details };
}

export function list<E extends Field>(
  meaning: string,
  element: E,
  details: Details & { readonly length?: number } = {},
) {
  return { kind: 'list' as const, meaning, required: false as const, element, ...details };
}

/** Marks a field as carried by every event (or by every value of its struct). */
export function required<F extends Field>(field: F): Omit<F, 'required'> & { readonly required: true } {
  return { ...field, required: true };
}

/** The TypeScript type of a field's values. A field that is emitted but not declared cannot compile. */
export type ValueOf<F> = F extends { kind: 'string'; values?: infer V }
  ? V extends readonly string[]
    ? V[number]
    : string
  : F extends { kind: 'integer' }
    ? number
    : F extends { kind: 'boolean' }
      ? boolean
      : F extends { kind: 'struct'; fields: infer S }
        ? StructOf<S>
        : F extends { kind: 'list'; element: infer E }
          ? readonly ValueOf<E>[]
          : never;

type StructOf<S> = Simplify<
  { readonly [K in keyof S as S[K] extends { required: true } ? K : never]: ValueOf<S[K]> } & {
    readonly [K in keyof S as S[K] extends { required: true } ? never : K]?: ValueOf<S[K]> | undefined;
  }
>;

type Simplify<T> = { [K in keyof T]: T[K] };
