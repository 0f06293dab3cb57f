/** Whether a body of this type has parts with names, so that it is known what is redacted in it. Patterns with `*` may stand for types. */
export function isParsedType(mediaType: string): boolean {
  return /^(?:application|text)\/json$|\+json$/.test(mediaType) || mediaType === 'application/x-www-form-urlencoded';
}
