/** Users and passwords in URLs, however the URLs are spelt. */

/** Two slashes of either kind and what stands before an `@` of the same authority: `//user@`, `HTTPS:\\user:password@`. */
const AUTHORITY = /[/\\]{2}[^\s/\\?#@]+@/;
/** Clients read `https:user@host` and `https:/user@host` as if the slashes were there (https://url.spec.whatwg.org). */
const SLASHLESS = /(?<![a-z0-9+.-])(?:https?|wss?|ftp):[/\\]?[^\s/\\?#@]{1,256}@/i;
/** A user and the colon before a password that may have slashes in it; not a host and its port. */
const PASSWORD = /[/\\]{2}[^\s/\\?#@:[]*:(?!\d{0,5}(?:[/\\?#&;,]|$))/;

/**
 * Whether a text has a URL with a user or password in it. Percent-encoding is not looked through here.
 *
 * A search for a password that has slashes ends at the last `@` of its word, so that no text is gone over again and again.
 */
export function holdsUserinfo(text: string): boolean {
  if (!text.includes('@')) return false;
  // Clients drop tabs and line breaks within a URL.
  return [text, text.replace(/[\t\r\n]+/g, '')].some(
    (spelling) =>
      AUTHORITY.test(spelling) ||
      SLASHLESS.test(spelling) ||
      spelling.split(/\s+/).some((word) => PASSWORD.test(word.slice(0, Math.max(0, word.lastIndexOf('@'))))),
  );
}
