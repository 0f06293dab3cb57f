/** A JSON pointer, taken apart: names of members and indexes of elements from the top. `*` stands for each of them. */
export type Pointer = readonly string[];

/**
 * Reads a JSON pointer (RFC 6901). Beyond the RFC a segment `*` takes every member or element at its place. The whole
 * document (the empty pointer) is none: who wants nothing of a body does not capture it.
 *
 * @returns undefined if it is none
 * @see https://www.rfc-editor.org/rfc/rfc6901
 */
export function parsePointer(text: string): Pointer | undefined {
  if (!text.startsWith('/') || /~(?![01])/.test(text)) return undefined;
  return text
    .slice(1)
    .split('/')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/**
 * Whether a segment takes a member or element of this name. Case does not count: many services read `EMAIL` as `email`, and
 * a caller must not get around a rule by that.
 */
export function takes(segment: string | undefined, name: string): boolean {
  return segment === '*' || segment?.toLowerCase() === name.toLowerCase();
}

/** What is left of pointers below a member or element. */
export function onlyBelow(pointers: readonly Pointer[] | undefined, name: string): readonly Pointer[] | undefined {
  return pointers?.filter(([first]) => takes(first, name)).map((pointer) => pointer.slice(1));
}
