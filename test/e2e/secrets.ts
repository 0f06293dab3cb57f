import { gzipSync } from 'node:zlib';

/** What a caller or a service says, with secrets in it. */
export interface Telling {
  readonly method?: string;
  /** Path and query. */
  readonly target: string;
  /** name, value, name, value … */
  readonly headers?: readonly string[];
  readonly body?: string | Buffer;
}

/** Every secret that was made. */
export const secrets: string[] = [];

/** A password that looks like nothing: only the place where it stands tells. */
function plain(): string {
  return remember(`correct horse ${secrets.length} battery`);
}

/** The same, of characters that may stand anywhere. */
function word(): string {
  return remember(`hunter${secrets.length}swordfish`);
}

/** A token that tells by its looks, wherever it stands. */
function token(): string {
  return remember(`sk_live_${String(secrets.length).padStart(4, '0')}4eC39HqLyjWDarjtT1zdp7dc`);
}

function remember(secret: string): string {
  secrets.push(secret);
  return secret;
}

const base64 = (text: string) => Buffer.from(text).toString('base64');
const JSON_TYPE = ['content-type', 'application/json'];

/** A request for every place that a caller controls. */
export function requestsWithSecrets(): Telling[] {
  return [
    { target: '/orders', headers: ['authorization', `Bearer ${word()}`] },
    { target: '/orders', headers: ['authorization', `Basic ${remember(base64(`alice:${word()}`))}`] },
    { target: '/orders', headers: ['Proxy-Authorization', `Basic ${remember(base64(`proxy:${word()}`))}`] },
    { target: '/orders', headers: ['cookie', `sid=${word()}; theme=dark`, 'Cookie', `csrf=${word()}`] },
    { target: '/orders', headers: ['x-api-key', word(), 'X-Amz-Security-Token', word(), 'x-csrf-token', word()] },
    { target: '/orders', headers: ['x-invented-tomorrow', word()] },
    { target: '/orders', headers: [`x-${token()}`, '1'] },
    { target: '/orders', headers: ['user-agent', `curl/8 (${token()})`, 'accept-language', token()] },
    { target: '/orders', headers: ['referer', `https://bob:${word()}@shop.example/a?access_token=${word()}#${word()}`] },
    { target: '/orders', headers: ['origin', `https://bob:${word()}@shop.example`] },
    { target: '/orders', headers: ['forwarded', `for="${token()}"`, 'x-forwarded-for', token(), 'via', `1.1 ${token()}`] },
    { target: '/orders', headers: ['if-none-match', `"${token()}"`, 'traceparent', token()] },
    { target: '/orders', headers: ['x-request-id', token()] },
    {
      target: '/orders',
      headers: ['connection', 'Upgrade', 'upgrade', 'websocket', 'sec-websocket-version', '13', 'sec-websocket-protocol', word(), 'sec-websocket-key', remember(base64(word()))],
    },
    { target: `/orders?access_token=${word()}&api_key=${word()}&page=2` },
    { target: `/orders?X-Amz-Signature=${word()}&X-Amz-Credential=${word()}` },
    { target: `/orders?next=${encodeURIComponent(`https://bob:${word()}@shop.example/?code=${word()}`)}` },
    { target: `/orders?${token()}` },
    { target: `/orders?q=${encodeURIComponent(`Bearer ${word()}`)}` },
    { target: `/nowhere?password=${word()}`, headers: ['authorization', `Bearer ${word()}`] },
    { target: `/orders/%2e%2e/x?token=${word()}`, headers: ['cookie', word()] },
    // What the route says is private.
    { target: `/orders?email=${encodeURIComponent(plain())}&EMAIL=${word()}`, headers: ['x-tenant', word()] },
    { target: `/orders?customer=${word()}`, headers: ['x-account', word(), 'referer', `/orders?email=${word()}`] },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: JSON.stringify({ marker: 'in-json', password: plain(), deep: [{ apiKey: plain() }] }) },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: JSON.stringify({ customer: { email: plain(), id: word() }, items: [{ note: plain() }, { note: { text: plain() } }] }) },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: `{"customer":{"email":"${plain()}","EMAIL":"${plain()}","email":"${plain()}","\\u0065mail":"${plain()}"}}` },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: JSON.stringify({ free: `my key is ${token()}`, [token()]: 1, card: remember('4111 1111 1111 1111') }) },
    { method: 'POST', target: '/orders', headers: [...JSON_TYPE, 'content-encoding', 'gzip'], body: gzipSync(JSON.stringify({ marker: 'in-gzip', secret: plain() })) },
    { method: 'POST', target: '/orders', headers: [...JSON_TYPE, 'content-encoding', 'zstd'], body: JSON.stringify({ secret: plain() }) },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: `{"customer": {"email": "${plain()}"} // no JSON` },
    { method: 'POST', target: '/orders', headers: ['content-type', 'application/json; charset=utf-16le'], body: Buffer.from(JSON.stringify({ secret: word() }), 'utf16le') },
    { method: 'POST', target: '/orders', headers: ['content-type', 'application/x-www-form-urlencoded'], body: `marker=in-form&password=${word()}&customer[email]=${word()}&customer%5Bid%5D=${word()}` },
    { method: 'POST', target: '/orders', headers: ['content-type', 'text/plain'], body: `${plain()} is private, and no pointer finds it` },
    { method: 'POST', target: '/orders', headers: ['content-type', 'multipart/form-data; boundary=x'], body: `--x\r\ncontent-disposition: form-data; name="password"\r\n\r\n${word()}\r\n--x--` },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: JSON.stringify({ filler: 'large '.repeat(8_000), password: plain(), customer: { email: plain() } }) },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: JSON.stringify({ filler: 'x'.repeat(40_000), secret: plain(), rest: 'y'.repeat(200_000) }) },
    { method: 'POST', target: '/texts', headers: ['content-type', 'text/plain'], body: `marker in-text\npassword: ${word()}\n-----BEGIN PRIVATE KEY-----\n${word()}\n-----END PRIVATE KEY-----\n` },
    { method: 'POST', target: '/texts', headers: ['content-type', 'text/xml'], body: `<login><user>bob</user><password kind="x">${word()}</password></login>` },
    { method: 'POST', target: `/down?secret=${word()}`, headers: [...JSON_TYPE, 'cookie', word()], body: JSON.stringify({ password: plain() }) },
    { method: 'POST', target: '/orders', headers: JSON_TYPE, body: JSON.stringify({ password: 'x'.repeat(300_000) + word() }) },
  ]; // prettier-ignore
}

/** Requests with secrets in what API Gateway itself logs as it came: the path, and an id that the caller chose. */
export function requestsWithSecretsForTheEdge(): { requests: Telling[]; secrets: string[] } {
  const before = secrets.length;
  const requests: Telling[] = [
    { target: '/orders', headers: ['x-amzn-requestid', token()] },
    { target: `/orders/reset-token/${word()}` },
    { target: `/orders/${token()}/items;jsessionid=${word()}` },
    { target: `/orders/${encodeURIComponent(`https://bob:${word()}@shop.example`)}` },
  ];
  return { requests, secrets: secrets.splice(before) };
}

/** Headers and body of an answer, with secrets wherever a service may put them. */
export function answerWithSecrets(): Required<Pick<Telling, 'headers' | 'body'>> {
  return {
    headers: [
      'set-cookie', `sid=${word()}; HttpOnly`, 'set-cookie', `refresh=${word()}`,
      'location', `https://bob:${word()}@shop.example/cb?code=${word()}&email=${word()}#access_token=${word()}`,
      'x-api-key', word(), 'www-authenticate', `Digest nonce="${word()}"`, 'authentication-info', word(),
      'x-tenant', word(), 'x-account', word(), 'server', `nginx (${token()})`, 'etag', `"${token()}"`,
      'content-disposition', `attachment; filename="${token()}"`, ...JSON_TYPE,
    ],
    body: JSON.stringify({ marker: 'in-answer', access_token: plain(), customer: { email: plain(), id: word() }, note: `Bearer ${word()}` }),
  }; // prettier-ignore
}
