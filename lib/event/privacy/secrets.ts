/**
 * What looks like a secret. The log cannot be corrected later, so the rules err on the side of leaving out: a harmless
 * value that is redacted is a nuisance, a password in a locked bucket stays there for years.
 */

/** Stands where a value was left out. */
export const REDACTED = '[redacted]';

/** Words in a parameter's name that say its value is a secret; compared without case, `-`, `_` and `.`. */
const SECRET_WORDS = [
  'token', 'secret', 'passw', 'passwd', 'pwd', 'passphrase', 'passcode', 'apikey', 'accesskey', 'privatekey', 'authkey',
  'credential', 'authorization', 'signature', 'assertion', 'session', 'cookie', 'jwt', 'otp', 'samlre', 'verifier',
  'hmac', 'ticket', 'creditcard', 'cardnumber', 'cvv', 'cvc', 'ssn', 'iban',
]; // prettier-ignore

/** Short names that are secrets only as a whole word: `code` is (OAuth), `codec` is not. */
const SECRET_NAMES = new Set([
  'auth', 'key', 'sig', 'code', 'pin', 'nonce', 'sid', 'pass', 'pw', 'mac', 'bearer', 'sas', 'skoid',
]); // prettier-ignore

/** Shapes that are secrets whatever they are called. */
const SECRET_SHAPES = [
  /eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}/, // JSON Web Token (RFC 7519)
  /-----BEGIN/, // PEM (RFC 7468)
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/, // AWS access key id
  /\b(?:gh[pousr]|github_pat|glpat|xox[abeoprs]|sk|pk|rk|whsec|npm|dop_v1|hf)[_-][A-Za-z0-9_-]{8,}/, // GitHub, GitLab, Slack, Stripe, npm …
  /\bAIza[A-Za-z0-9_-]{20,}/, // Google API key
  /\bya29\.[A-Za-z0-9_-]+/, // Google OAuth
  /\bSG\.[A-Za-z0-9_-]{16,}\./, // SendGrid
  /\b(?:Bearer|Basic|Digest|Negotiate)[ +]+[A-Za-z0-9+/=._~-]{6,}/i, // HTTP credentials (RFC 9110)
  /:\/\/[^/?#\s]*:[^/?#\s]*@/, // user and password in a URL
];

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether a parameter or field of this name holds a secret. */
export function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replace(/[^a-z0-9]/g, '');
  if (SECRET_NAMES.has(plain) || SECRET_WORDS.some((word) => plain.includes(word))) return true;
  // `user[key]`, `x-auth`, `oauth.code`: the last word counts.
  const last = name
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter(Boolean)
    .at(-1);
  return last !== undefined && SECRET_NAMES.has(last);
}

/** Whether a value (already percent-decoded) has the shape of a secret. UUIDs and plain words have not. */
export function looksSecret(value: string): boolean {
  return SECRET_SHAPES.some((shape) => shape.test(value)) || holdsCardNumber(value) || looksRandom(value);
}

/** The text, or `[redacted]` where it looks like a secret. */
export function redactText(text: string): string {
  return looksSecret(text) ? REDACTED : text;
}

/** A payment card number: 13 to 19 digits, grouped or not, with a right check digit (ISO/IEC 7812, Luhn). */
function holdsCardNumber(value: string): boolean {
  return [...value.matchAll(/(?<!\d)\d(?:[ -]?\d){12,18}(?!\d)/g)].some(([text]) => {
    const digits = [...text.replace(/\D/g, '')].reverse().map(Number);
    const sum = digits.reduce(
      (total, digit, i) => total + (i % 2 === 0 ? digit : digit > 4 ? digit * 2 - 9 : digit * 2),
      0,
    );
    return sum % 10 === 0;
  });
}

/** A run of 20 or more characters of which no word could be made: hex of 32 and more, or letters mixed with digits. */
function looksRandom(value: string): boolean {
  if (UUID.test(value)) return false;
  for (const run of value.match(/[A-Za-z0-9+=_-]{20,}/g) ?? []) {
    if (UUID.test(run)) continue;
    const digits = (run.match(/\d/g) ?? []).length;
    const upper = (run.match(/[A-Z]/g) ?? []).length;
    const lower = (run.match(/[a-z]/g) ?? []).length;
    if (/^[0-9a-fA-F]{32,}$/.test(run)) return true;
    if (digits >= 2 && upper >= 2 && lower >= 2) return true;
    if (run.length >= 32 && digits >= 4 && upper + lower >= 4) return true;
    if (run.length >= 40 && upper >= 4 && lower >= 4) return true;
  }
  return false;
}
