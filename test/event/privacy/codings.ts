/** The codings in which a text may stand within another one. */
export const codings: Readonly<Record<string, (text: string) => string>> = {
  plain: (text) => text,
  percent: (text) => encodeURIComponent(text),
  'percent of every byte': (text) =>
    [...Buffer.from(text)].map((byte) => '%' + byte.toString(16).padStart(2, '0')).join(''),
  'percent twice': (text) => encodeURIComponent(encodeURIComponent(text)),
  base64: (text) => Buffer.from(text).toString('base64'),
  base64url: (text) => Buffer.from(text).toString('base64url'),
  'a JSON string': (text) => JSON.stringify(text),
  'JSON escapes of every character': (text) =>
    text.replace(/[^]/g, (c) => '\\u' + c.charCodeAt(0).toString(16).padStart(4, '0')),
  'a query value': (text) => `?next=/login?return=${text}`,
  'a member of JSON': (text) => JSON.stringify({ detail: { message: text } }),
};
