import type { FieldRules } from './field-rules';
import { hidesSecret, redactText } from './hidden-secrets';
import { redactPath } from './redact-path';
import { redactQuery } from './redact-query';
import { REDACTED } from './secrets';
import { holdsUserinfo } from './userinfo';

/** Scheme and authority, with slashes of either kind. */
const AUTHORITY = /^([a-z][a-z0-9+.-]*:)?[/\\]{2,}[^/\\?#]*/i;

/**
 * Redacts a URL as it stands in a Referer, Location or Origin header: its query and path, without user, password and
 * fragment.
 */
export function redactUrl(url: string, rules?: FieldRules): string {
  // Clients drop tabs and line breaks. A fragment is never needed, and often a token.
  const [withoutFragment = ''] = url.replace(/[\t\r\n]+/g, '').trim().split('#', 1); // prettier-ignore
  const mark = withoutFragment.indexOf('?');
  const base = mark === -1 ? withoutFragment : withoutFragment.slice(0, mark);
  const query = mark === -1 ? '' : '?' + redactQuery(withoutFragment.slice(mark + 1), rules);
  return redactBase(base) + query;
}

function redactBase(base: string): string {
  const authority = AUTHORITY.exec(base)?.[0] ?? '';
  // What begins neither with a host nor with a slash may be anything.
  if (authority === '' && !base.startsWith('/')) return redactText(base);
  const withoutUser = authority.replace(/^([a-z0-9+.-]*:?[/\\]{2,})[^/\\]*@/i, '$1');
  const path = base.slice(authority.length);
  // A password with slashes in it, or another URL.
  if (holdsUserinfo(withoutUser + path)) return REDACTED;
  return (hidesSecret(withoutUser) ? REDACTED : withoutUser) + redactPath(path);
}
