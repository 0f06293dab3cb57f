import { BadRequest } from './api';

/** Decoded names and values, in order. */
export type QueryPairs = readonly (readonly [name: string, value: string])[];

/**
 * Splits and decodes a query as forms do (`+` is a space), as API Gateway does for both kinds of API.
 *
 * What API Gateway does with percent signs that encode nothing (`%zz`) or bytes that are not UTF-8 (`%ff`) is documented
 * nowhere; no event could carry them, so they are refused.
 *
 * @throws BadRequest if the encoding is broken.
 */
export function decodeQuery(query: string, separator: string | RegExp): QueryPairs {
  return query
    .split(separator)
    .filter((part) => part !== '')
    .map((part) => {
      const equals = part.indexOf('=');
      return equals === -1
        ? ([decode(part), ''] as const)
        : ([decode(part.slice(0, equals)), decode(part.slice(equals + 1))] as const);
    });
}

function decode(text: string): string {
  return decodePercent(text.replaceAll('+', ' '), 'query');
}

/** @throws BadRequest if the text is not percent-encoded UTF-8. */
export function decodePercent(text: string, place: 'query' | 'path'): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new BadRequest(`the ${place} is not percent-encoded UTF-8`);
  }
}
