/** Lower case as every service that ignores case sees it: letters of ASCII only. */
export function asciiLower(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Makes all texts the same that any service could take for the same when it ignores case, such as the Kelvin sign and `k`, or
 * the dotless and dotted i of Turkish and `i`.
 */
export function anyCase(text: string): string {
  return text.replaceAll('\u0130', 'i').toUpperCase().toLowerCase().replaceAll('ς', 'σ');
}
