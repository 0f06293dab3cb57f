import type { CompactStruct, CompactValue } from './compact';

/** Fields of a struct by their kind. @throws Error if a field is of another kind, or missing where it must be there */

export function integerIn(struct: CompactStruct, id: number, otherwise?: number): number {
  const value = struct.get(id) ?? otherwise;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new Error(`field ${id} is no integer`);
}

export function textIn(struct: CompactStruct, id: number): string {
  return textOf(struct.get(id), id);
}

export function structIn(struct: CompactStruct, id: number): CompactStruct {
  const value = struct.get(id);
  if (value instanceof Map) return value as CompactStruct;
  throw new Error(`field ${id} is no struct`);
}

export function structsIn(struct: CompactStruct, id: number): CompactStruct[] {
  return listIn(struct, id).map((value) => {
    if (value instanceof Map) return value as CompactStruct;
    throw new Error(`field ${id} is no list of structs`);
  });
}

export function textsIn(struct: CompactStruct, id: number): string[] {
  return listIn(struct, id).map((value) => textOf(value, id));
}

function listIn(struct: CompactStruct, id: number): CompactValue[] {
  const value = struct.get(id);
  if (Array.isArray(value)) return value;
  throw new Error(`field ${id} is no list`);
}

function textOf(value: CompactValue | undefined, id: number): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString();
  throw new Error(`field ${id} is no text`);
}
