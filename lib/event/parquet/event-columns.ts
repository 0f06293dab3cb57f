import { isUtf8 } from 'node:buffer';
import type { Field, ListField, StructField } from '../field';
import { isFingerprint } from '../stated-fingerprint';
import type { ColumnReader, ColumnValue } from './column';
import type { ColumnChunk, SchemaNode } from './footer';

/** Of a struct's mask: something in it is there. The bits below stand for its required members. */
const PRESENT = 0x8000_0000;

interface Struct {
  readonly path: string;
  readonly required: readonly string[];
  /** By row, or by element of the list around it. */
  readonly mask: Uint32Array;
  readonly list: List | undefined;
}

interface List {
  readonly path: string;
  readonly field: ListField;
  /** Elements, as its first column says. */
  elements: number | undefined;
}

/** What a struct learns from a column of which an entry is there. */
interface Mark {
  readonly mask: Uint32Array;
  readonly bits: number;
  readonly inList: boolean;
}

/**
 * Checks the rows of a row group against the declaration, from its columns one after the other: words and numbers outside an
 * enumeration, required fields that are missing, empty elements of lists. `eventProblem` says the same of an event of JSON,
 * and `invaliditySql` of a row in SQL. Takes 4 bytes of memory a row for each struct with required members.
 */
export class EventColumns {
  /** What is wrong with the first row that was found not to be an event. */
  problem: string | undefined;
  /** Why the fingerprints cannot be told. */
  unstated: string | undefined;
  private readonly structs = new Map<string, Struct>();
  private readonly lists = new Map<string, List>();

  /** @param take told of the fingerprint that each row states, in file order */
  constructor(
    private readonly columns: readonly SchemaNode[],
    private readonly root: StructField,
    private readonly rows: number,
    private readonly take: (fingerprint: string) => void,
  ) {}

  /** Reads a column; they must come in the order of the schema. */
  reader(chunk: ColumnChunk): ColumnReader & { end(): void } {
    const marks: Mark[] = [];
    let [field, path, list, level, elementLevel]: [Field, string, List | undefined, number, number] = [this.root, '', undefined, 0, 0]; // prettier-ignore
    let nodes = this.columns;
    const down = (name: string) => {
      const node = nodes.find((child) => child.name === name)!;
      if (node.repetition !== 0) level += 1;
      nodes = node.children;
    };
    for (let at = 0; at < chunk.path.length; at++) {
      const name = chunk.path[at]!;
      if (field.kind !== 'struct') throw new Error(`${chunk.path.join('.')} is no column of events`);
      const struct = this.structAt(path, field, list, chunk.values);
      const member: Field = field.fields[name]!;
      const place = struct.required.indexOf(name);
      marks.push({ mask: struct.mask, bits: PRESENT | (place < 0 ? 0 : 1 << place), inList: list !== undefined });
      down(name);
      [field, path] = [member, path === '' ? name : `${path}.${name}`];
      if (field.kind !== 'list') continue;
      path += '[]';
      list = this.listAt(path, field);
      down(chunk.path[(at += 1)]!);
      elementLevel = level;
      down(chunk.path[(at += 1)]!);
      field = field.element;
    }
    return this.columnReader(path, field, marks, list, level, elementLevel);
  }

  /** Call it after all columns. */
  finish(): void {
    for (const { path, required, mask, list } of this.structs.values()) {
      const all = (1 << required.length) - 1;
      const size = list === undefined ? this.rows : (list.elements ?? 0);
      for (let at = 0; at < size; at++) {
        const bits = mask[at]!;
        if ((bits & PRESENT) === 0 && path !== '') {
          // An element must have something in it; another struct need not be there.
          if (path.endsWith('[]')) this.note(`${path} is empty`);
          continue;
        }
        if ((bits & all) === all) continue;
        const missing = required.find((_, place) => ((bits >> place) & 1) === 0)!;
        this.note(`${path === '' ? '' : `${path}.`}${missing} is missing`);
      }
    }
  }

  private columnReader(path: string, field: Field, marks: readonly Mark[], list: List | undefined, highest: number, elementLevel: number) {
    const isFingerprints = path === 'attestation_list[].fingerprint.value';
    let [row, element, inRow] = [-1, -1, 0];
    const endOfRow = () => {
      if (row < 0 || list?.field.length === undefined || inRow === list.field.length) return;
      this.note(`${list.path} has ${inRow} entries`);
      if (isFingerprints) this.unstated ??= 'an event has not exactly one attestation';
    };
    return {
      value: (value: ColumnValue) => {
        const problem = problemOf(value, field, path);
        return isFingerprints ? { problem, text: Buffer.from(value as Uint8Array).toString('latin1') } : problem;
      },
      entry: (repetition: number, definition: number, judged: unknown) => {
        if (repetition === 0) {
          endOfRow();
          [row, inRow] = [row + 1, 0];
        }
        if (row < 0 || row >= this.rows) throw new Error(`a column has other rows than the ${this.rows} that its footer says`);
        if (list !== undefined) {
          if (definition < elementLevel) {
            if (repetition !== 0) throw new Error('the levels of a list contradict each other');
            return;
          }
          [element, inRow] = [element + 1, inRow + 1];
        }
        if (definition !== highest) {
          if (isFingerprints) this.unstated ??= 'an event has no fingerprint';
          if (list?.field.element === field) this.note(`${path} is empty`);
          return;
        }
        for (const { mask, bits, inList } of marks) mask[inList ? element : row]! |= bits;
        if (!isFingerprints) {
          if (judged !== undefined) this.note(judged as string);
          return;
        }
        const { problem, text } = judged as { readonly problem: string | undefined; readonly text: string };
        if (problem !== undefined) this.note(problem);
        if (isFingerprint(text)) this.take(text);
        else this.unstated ??= 'an event has no fingerprint';
      },
      end: () => {
        endOfRow();
        if (row + 1 !== this.rows) throw new Error(`a column has ${row + 1} rows, and its footer says ${this.rows}`);
        if (list === undefined) return;
        if ((list.elements ??= element + 1) !== element + 1) throw new Error(`the columns of ${list.path} have different numbers of elements`);
      },
    };
  } // prettier-ignore

  private structAt(path: string, field: StructField, list: List | undefined, entries: number): Struct {
    const known = this.structs.get(path);
    if (known !== undefined) return known;
    const required = Object.keys(field.fields).filter((name) => field.fields[name]!.required);
    const struct = { path, required, mask: new Uint32Array(list === undefined ? this.rows : entries), list };
    this.structs.set(path, struct);
    return struct;
  }

  private listAt(path: string, field: ListField): List {
    const list = this.lists.get(path) ?? { path, field, elements: undefined };
    this.lists.set(path, list);
    return list;
  }

  private note(problem: string): void {
    this.problem ??= problem;
  }
}

/** @throws Error if a text is none */
function problemOf(value: ColumnValue, field: Field, path: string): string | undefined {
  if (field.kind === 'string') {
    const bytes = value as Uint8Array;
    if (!isUtf8(bytes)) throw new Error(`column ${path} has bytes that are no text`);
    if (field.values === undefined) return undefined;
    const text = Buffer.from(bytes).toString();
    return field.values.includes(text) ? undefined : `${path} is ${text.slice(0, 100)}`;
  }
  if (field.kind !== 'integer') return undefined;
  const integer = Number(value);
  const isAllowed =
    Number.isSafeInteger(integer) &&
    (field.captions === undefined || Object.hasOwn(field.captions, String(integer))) &&
    (field.min === undefined || integer >= field.min);
  return isAllowed ? undefined : `${path} is ${String(value)}`;
}
