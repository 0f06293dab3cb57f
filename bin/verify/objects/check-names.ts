import { isWritersName } from '../../../lib/event/objects/names';
import { noted, type Finding } from '../finding';
import type { Listing } from './listing';

/** Finds what lies where queries read and has no name that a writer gives, and what is no object at all. */
export function checkNames({ versions, irregular }: Listing): Finding[] {
  const keys = new Set([...versions.values()].map(({ key }) => key));
  return [
    ...[...keys].filter((key) => !isWritersName(key)).map((key) => noted('UNEXPECTED_OBJECT', 'no writer gives this name', key)),
    ...irregular.map(({ key, irregular: kind }) => noted('UNEXPECTED_OBJECT', `it is ${kind}, not a file`, key)),
  ];
} // prettier-ignore
