/** Where in the configuration: keys and indexes from the top. */
export type Place = readonly (string | number)[];

/** One thing that is wrong with the configuration. */
export interface Problem {
  readonly place: Place;
  readonly message: string;
  /** Points at the key itself instead of at its value. */
  readonly atKey?: boolean;
}

/** `routes[0].upstream`. Bearer tokens are keys under `local.callers`; they are never shown. */
export function formatPlace(place: Place): string {
  let text = '';
  place.forEach((part, index) => {
    if (typeof part === 'number') text += `[${part}]`;
    else text += (index === 0 ? '' : '.') + (isToken(place, index) ? '*' : part);
  });
  return text === '' ? 'the file' : text;
}

function isToken(place: Place, index: number): boolean {
  return index === 2 && place[0] === 'local' && place[1] === 'callers';
}

const MAX_SHOWN = 80;

/** A value as it may stand in a message: cut, and left out where it may hold a secret. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value);
  if (/[@?]/.test(text)) return 'a value that is not shown here, since it may hold a secret';
  return text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}…` : text;
}
