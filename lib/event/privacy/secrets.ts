import { holdsUserinfo } from './userinfo';

/**
 * What looks like a secret. The log cannot be corrected later, so the rules err on the side of leaving out: a harmless
 * value that is redacted is a nuisance, a password in a locked bucket stays there for years.
 */

/** Stands where a value was left out. */
export const REDACTED = '[redacted]';

/** Shapes that are secrets whatever they are called. */
const SECRET_SHAPES = [
  /\.(?<=eyJ[\w-]{5,}\.)[\w-]{5,}/, // JSON Web Token (RFC 7519), looked for from its dot: else the time grows by the square
  /-----BEGIN/, // PEM (RFC 7468)
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, // AWS access key id
  /\b(?:gh[pousr]|github_pat|glpat|xox[abeoprs]|sk|pk|rk|whsec|npm|dop_v1|hf)[_-][A-Za-z0-9_-]{8,}/, // GitHub, GitLab, Slack, Stripe, npm …
  /\bAIza[A-Za-z0-9_-]{20,}/, // Google API key
  /\bya29\.[A-Za-z0-9_-]+/, // Google OAuth
  /\bSG\.[A-Za-z0-9_-]{16,}\./, // SendGrid
  /\b(?:Bearer|Basic|Digest|Negotiate)[ +]+[A-Za-z0-9+/=._~-]{6,}/i, // HTTP credentials (RFC 9110)
  /(?<![A-Za-z0-9+/])(?=\S{0,39}\d)(?=\S{0,39}[a-z])(?=\S{0,39}[A-Z])[A-Za-z0-9+/]{40}(?![A-Za-z0-9+/])/, // AWS secret access key
];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a value (already percent-decoded) has the shape of a secret. UUIDs and plain words have not. */
export function looksSecret(value: string): boolean {
  return !UUID.test(value) && (hasSecretShape(value) || holdsCardNumber(value) || looksRandom(value));
}

/** Whether a value is a secret beyond doubt, by its shape; one that is just random is none. */
export function hasSecretShape(value: string): boolean {
  return SECRET_SHAPES.some((shape) => shape.test(value)) || holdsUserinfo(value);
}

/**
 * A payment card number: 13 to 19 digits, grouped or not, of a card network, with a right check digit (ISO/IEC 7812,
 * Luhn). Times in milliseconds (1…) and dates (20…) are none.
 */
function holdsCardNumber(value: string): boolean {
  return [...value.matchAll(/(?<!\d)(?=2[2-7]|[3-68])\d(?:[ -]?\d){12,18}(?!\d)/g)].some(([text]) => {
    const digits = [...text.replace(/\D/g, '')].reverse().map(Number);
    const sum = digits.reduce(
      (total, digit, i) => total + (i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2),
      0,
    );
    return sum % 10 === 0;
  });
}

/** Words and numbers with `-` or `_` between them, as in titles and dates. */
const WORDS = /^(?:\d+|[A-Z]?[a-z]+|[A-Z]+)(?:[_-]+(?:\d+|[A-Z]?[a-z]+|[A-Z]+))*$/;

/** A run of 20 or more characters of which no word could be made: hex of 32 and more, or letters mixed with digits. */
function looksRandom(value: string): boolean {
  for (const run of value.match(/[A-Za-z0-9+=_-]{20,}/g) ?? []) {
    if (/^[0-9a-fA-F]{32,}$/.test(run)) return true;
    if (UUID.test(run) || WORDS.test(run)) continue;
    const digits = (run.match(/\d/g) ?? []).length;
    const upper = (run.match(/[A-Z]/g) ?? []).length;
    const lower = (run.match(/[a-z]/g) ?? []).length;
    if (digits >= 2 && upper >= 2 && lower >= 2) return true;
    if (run.length >= 32 && digits >= 4 && upper + lower >= 4) return true;
    if (run.length >= 40 && upper >= 4 && lower >= 4) return true;
  }
  return false;
}
