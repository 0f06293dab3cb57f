import { hidesSecret } from './hidden-secrets';
import { fullyDecoded } from './layers';
import { redactQuery } from './redact-query';
import { REDACTED } from './secrets';

/** What a segment says of those after it. */
type Announcement = 'nothing' | 'one' | 'unless plain' | 'all unless plain';

/** Words before a secret, whatever it looks like; plain nouns such as `sessions` or `keys` list things by id. */
const ANNOUNCES_ONE =
  /(?:token|passw|password|passwd|passwort|kennwort|contrasena|senha|secret|api[-_]?key|magic[-_]?link|(?:^|[-_ ])(?:otp|reset|invite|invitation))s?(?:[-_ ]?(?:reset|verification|confirmation))?$/;
/** Words before names of actions as well as secrets. */
const ANNOUNCES = /(?:^|[-_ ])(?:auth|oauth2?|code|verify|verification|confirm|confirmation|activate|activation|unlock|unsubscribe)s?$/; // prettier-ignore
/** The same, where several secrets follow: `/services/hooks/T00/B00/…`. */
const ANNOUNCES_ALL = /(?:^|[-_ ])(?:web[-_ ]?)?hooks?$/;

/** Words with `-`, `_` or `.` between them, as people write them, and versions. */
const PLAIN = /^(?:v\d{1,2}|oauth2|saml2|2fa|[a-z]{1,20}(?:[A-Z][a-z]{2,})*|[A-Z][a-z]+(?:[A-Z][a-z]{2,})*)(?:[-_.](?:[a-z]+|[A-Z][a-z]+|v\d{1,2}))*$/; // prettier-ignore

/**
 * What says which content or thing was asked for: digests (`sha256:…`, `sha512-…`), names of git objects, UUIDs, ULIDs and
 * KSUIDs. They look random, and whoever audits a registry or git server needs them.
 */
const ADDRESS =
  /(?<![A-Za-z0-9])(?:(?:sha(?:1|224|256|384|512)|blake3|md5)[:-][0-9a-f]{32,128}|[0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|01[0-9A-HJKMNP-TV-Z]{24}|01[0-9a-hjkmnp-tv-z]{24}|(?<ksuid>[0-9A-Za-z]{27}))(?![A-Za-z0-9])/gi;
/** A git server's loose objects: two digits of the name are a folder. */
const LOOSE_OBJECT = /^[0-9a-f]{38}$/;

/** Redacts path segments that have the shape of a secret, or follow a segment that announces one (`/reset-token/abc`). */
export function redactPath(path: string): string {
  let [announced, previous]: [Announcement, string] = ['nothing', ''];
  return path
    .split('/')
    .map((segment) => {
      const text = fullyDecoded(segment);
      const name = text.split(';', 1)[0] ?? '';
      // Servers leave out empty segments and dots: what is announced comes after them.
      if (/^\.{0,2}$/.test(name) && !text.includes('=')) return segment;
      const isHidden = announced === 'one' || (announced !== 'nothing' && !PLAIN.test(name));
      announced = announcedBy(name, announced);
      const shown = isHidden ? REDACTED : shownSegment(segment, text, previous);
      previous = name;
      return shown;
    })
    .join('/');
}

function announcedBy(name: string, before: Announcement): Announcement {
  const words = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/([a-z0-9])(?=[A-Z])/g, '$1 ')
    .toLowerCase();
  if (ANNOUNCES_ONE.test(words)) return 'one';
  if (ANNOUNCES_ALL.test(words) || before === 'all unless plain') return 'all unless plain';
  if (ANNOUNCES.test(words)) return 'unless plain';
  // `/token/refresh/…`, `/auth/callback/…`: a word on the way to the secret.
  return before !== 'nothing' && PLAIN.test(name) ? 'unless plain' : 'nothing';
}

function shownSegment(segment: string, text: string, previous: string): string {
  // An encoded slash or a backslash: some servers read segments of their own there.
  if (/[/\\]/.test(text)) {
    const within = `${previous}/${text.replaceAll('\\', '/')}`;
    return redactPath(within) === within && !hidesSecret(withoutAddresses(text)) ? segment : REDACTED;
  }
  if (LOOSE_OBJECT.test(text) && /^[0-9a-f]{2}$/.test(previous)) return segment;
  // Matrix parameters: `/orders;jsessionid=…`
  if (text.includes(';')) return redactMatrix(segment);
  // A whole URL may stand in the path, with user and password (`/https://user:password@host`).
  return holdsSecret(text) || /:[^:@]+@(?!sha\d+:)\w/.test(text) ? REDACTED : segment;
}

function redactMatrix(segment: string): string {
  return segment
    .split(/;|%3b/i)
    .map((part, i) => (i > 0 ? redactQuery(part) : holdsSecret(fullyDecoded(part)) ? REDACTED : part))
    .join(';');
}

function holdsSecret(text: string): boolean {
  return hidesSecret(withoutAddresses(text));
}

/** With a word in the place of each, so that a name before it still tells (`token=<UUID>`). */
function withoutAddresses(text: string): string {
  return text.replace(ADDRESS, (address, ...rest) => {
    const { ksuid } = rest.at(-1) as { ksuid?: string };
    return ksuid === undefined || isKsuid(ksuid) ? 'id' : address;
  });
}

const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
/** KSUIDs count seconds from here. */
const KSUID_EPOCH_S = 1_400_000_000;
const KSUID_LATEST_S = Date.UTC(2040, 0) / 1000;

/** Whether a KSUID (https://github.com/segmentio/ksuid) was made before 2040: one in five random texts passes. */
function isKsuid(text: string): boolean {
  let value = 0n;
  for (const digit of text) value = value * 62n + BigInt(BASE62.indexOf(digit));
  return Number(value >> 128n) + KSUID_EPOCH_S < KSUID_LATEST_S;
}
