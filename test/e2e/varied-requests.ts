import { BYTES } from './journaling-service';

/** One request, and all that must be found of it afterwards. */
export interface VariedRequest {
  readonly marker: string;
  readonly client: 'curl' | 'fetch';
  readonly method: string;
  /** Path without the query; the marker goes into the query. */
  readonly path: string;
  readonly token?: string;
  readonly body?: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  readonly expected: Expected;
}

export interface Expected {
  readonly status: number;
  readonly who: string;
  readonly whoType: string;
  /** Undefined where no route matches. */
  readonly service: string | undefined;
  readonly disposition: 'Allowed' | 'Blocked' | 'Error';
  /** Whether the service sees the request. */
  readonly reachesService: boolean;
  /** The path that the service sees. */
  readonly servicePath: string;
  /** How many events it leaves: what is let in leaves an attempt and an outcome, what is refused an outcome. */
  readonly phases: readonly ('attempt' | 'outcome')[];
}

const CALLERS = [
  { token: undefined, who: 'anonymous', whoType: 'anonymous' },
  { token: 'alice', who: 'alice@example.com', whoType: 'cognito' },
  { token: 'billing', who: 'billing', whoType: 'iam' },
  { token: 'lambda', who: 'partner-7', whoType: 'lambda' },
  { token: 'key', who: 'key-id-1', whoType: 'api_key' },
] as const;

const BOTH = ['attempt', 'outcome'] as const;

type Case = Pick<VariedRequest, 'method' | 'path'> & { body?: Buffer; headers?: Record<string, string> } & Pick<
    Expected,
    'status' | 'service'
  > &
  Partial<Pick<Expected, 'disposition' | 'reachesService' | 'servicePath' | 'phases'>>;

const refused = { disposition: 'Blocked', reachesService: false, phases: ['outcome'] } as const;

const CASES: readonly Case[] = [
  { method: 'GET', path: '/shop', status: 200, service: 'shop' },
  { method: 'GET', path: '/shop/items/7', status: 200, service: 'shop' },
  { method: 'HEAD', path: '/shop/items/8', status: 200, service: 'shop' },
  { method: 'OPTIONS', path: '/shop/items', status: 200, service: 'shop' },
  { method: 'POST', path: '/shop/items', status: 200, service: 'shop', body: Buffer.from('{"tea":"oolong","cups":3}') },
  { method: 'PUT', path: '/shop/items/9', status: 200, service: 'shop', body: BYTES },
  { method: 'PATCH', path: '/shop/items/9', status: 200, service: 'shop', body: Buffer.from('grün ☂') },
  { method: 'DELETE', path: '/shop/items/9', status: 200, service: 'shop' },
  { method: 'GET', path: '/shop/caf%C3%A9/%2Fslash/a%20b', status: 200, service: 'shop' },
  { method: 'GET', path: '/shop/a//b/~!$&()*+,:@', status: 200, service: 'shop' },
  { method: 'GET', path: '/%73hop/spelled', status: 200, service: 'shop' },
  { method: 'GET', path: '/shop/binary', status: 200, service: 'shop' },
  { method: 'GET', path: '/shop/empty', status: 204, service: 'shop' },
  { method: 'GET', path: '/shop/status-301', status: 301, service: 'shop' },
  { method: 'POST', path: '/shop/status-404', status: 404, service: 'shop', body: Buffer.from('x') },
  { method: 'GET', path: '/shop/status-500', status: 500, service: 'shop' },
  { method: 'GET', path: '/v1/stock/count', status: 200, service: 'stock', servicePath: '/count' },
  { method: 'GET', path: '/v1/stock', status: 200, service: 'stock', servicePath: '/' },
  { method: 'POST', path: '/shop/reset', status: 502, service: 'shop', disposition: 'Error' },
  { method: 'GET', path: '/hasty/slow', status: 504, service: 'hasty', disposition: 'Error' },
  { method: 'GET', path: '/down/x', status: 502, service: 'down', disposition: 'Error', reachesService: false },
  { method: 'GET', path: '/nowhere', status: 404, service: undefined, ...refused },
  { method: 'GET', path: '/shopping', status: 404, service: undefined, ...refused },
  { method: 'GET', path: '/shop/../nowhere', status: 400, service: 'shop', ...refused },
  { method: 'POST', path: '/shop/big', status: 413, service: 'shop', body: Buffer.alloc(70_000, 'b'), ...refused },
  {
    method: 'GET',
    path: '/shop/h',
    status: 431,
    service: 'shop',
    headers: { 'x-filler': 'f'.repeat(9_990) },
    ...refused,
  },
];

/** Every case by every caller and by both clients. */
export function variedRequests(): VariedRequest[] {
  return (['curl', 'fetch'] as const).flatMap((client) =>
    CALLERS.flatMap((caller) =>
      CASES.flatMap(({ method, path, body, headers = {}, ...expected }, i): VariedRequest[] => {
        // fetch resolves dot segments before it sends.
        if (client === 'fetch' && path.includes('..')) return [];
        return [
          {
            marker: `${client}-${caller.who.replace(/\W/g, '-')}-${i}`,
            client,
            method,
            path,
            headers,
            ...(caller.token && { token: caller.token }),
            ...(body && { body }),
            expected: {
              disposition: 'Allowed',
              reachesService: true,
              servicePath: path,
              phases: BOTH,
              ...expected,
              who: caller.who,
              whoType: caller.whoType,
            },
          },
        ];
      }),
    ),
  );
}

/** The config under which they are sent. @param serviceUrl base URL of the journaling service */
export function configOf(serviceUrl: string, closedPort: number) {
  return {
    routes: [
      { path: '/shop', upstream: serviceUrl },
      { path: '/v1/stock', upstream: serviceUrl, stripPrefix: true, service: 'stock' },
      { path: '/hasty', upstream: serviceUrl, timeout: '300ms' },
      { path: '/down', upstream: `http://127.0.0.1:${closedPort}` },
    ],
    maxBodySize: '64KiB',
    local: {
      callers: {
        alice: {
          claims: {
            sub: 'u-1',
            email: 'alice@example.com',
            iss: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_abc',
          },
        },
        billing: {
          iam: { userArn: 'arn:aws:sts::123456789012:assumed-role/billing/run-7', accountId: '123456789012' },
        },
        lambda: { lambda: { principalId: 'partner-7' } },
        key: { apiKeyId: 'key-id-1' },
      },
    },
  };
}
