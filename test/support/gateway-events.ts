import type { ALBEvent, APIGatewayProxyEvent, APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { HeaderPair } from '../../lib/event/privacy/headers';

/** 2026-11-24T07:30:00Z */
export const ARRIVED = Date.UTC(2026, 10, 24, 7, 30);

type RestContext = APIGatewayProxyEvent['requestContext'];

export interface RestChoices {
  readonly method?: string;
  readonly path?: string;
  readonly query?: Record<string, string[]> | null;
  readonly headers?: readonly HeaderPair[];
  readonly body?: Buffer | string;
  readonly context?: Partial<Omit<RestContext, 'identity'>>;
  readonly identity?: Partial<RestContext['identity']>;
}

/** An event of a REST API as a proxy integration with the binary media type `*∕*` gets it. */
export function restEvent(choices: RestChoices = {}): APIGatewayProxyEvent {
  const { method = 'GET', path = '/orders/7', query = null, headers = [], body } = choices;
  const multiValueHeaders: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of headers) (multiValueHeaders[name] ??= []).push(value);
  return {
    resource: '/{proxy+}',
    path,
    httpMethod: method,
    headers: Object.fromEntries(headers),
    multiValueHeaders,
    queryStringParameters: query && Object.fromEntries(Object.entries(query).map(([k, v]) => [k, v.at(-1)])),
    multiValueQueryStringParameters: query,
    pathParameters: null,
    stageVariables: null,
    requestContext: restContext(choices),
    body: body === undefined ? null : Buffer.from(body).toString('base64'),
    isBase64Encoded: body !== undefined,
  };
}

function restContext({ method = 'GET', path = '/orders/7', context, identity }: RestChoices): RestContext {
  return {
    accountId: '123456789012',
    apiId: 'abcdef1234',
    authorizer: null,
    domainName: 'api.example.com',
    domainPrefix: 'api',
    extendedRequestId: 'extended-1',
    httpMethod: method,
    identity: { sourceIp: '203.0.113.9', userAgent: 'test', ...identity } as RestContext['identity'],
    path: `/prod${path}`,
    protocol: 'HTTP/1.1',
    requestId: 'request-1',
    requestTime: '24/Nov/2026:07:30:00 +0000',
    requestTimeEpoch: ARRIVED,
    resourceId: 'abc',
    resourcePath: '/{proxy+}',
    stage: 'prod',
    ...context,
  };
}

export interface HttpChoices {
  readonly method?: string;
  /** Decoded, as API Gateway gives it. */
  readonly rawPath?: string;
  readonly query?: string;
  readonly headers?: Record<string, string>;
  readonly cookies?: string[];
  readonly body?: Buffer | string;
  readonly stage?: string;
  readonly context?: Record<string, unknown>;
}

/** An event of an HTTP API, payload format 2.0. */
export function httpEvent(choices: HttpChoices = {}): APIGatewayProxyEventV2 {
  const {
    method = 'GET',
    rawPath = '/orders/7',
    query = '',
    headers = {},
    cookies,
    body,
    stage = '$default',
  } = choices;
  return {
    version: '2.0',
    routeKey: '$default',
    rawPath,
    rawQueryString: query,
    ...(cookies && { cookies }),
    headers,
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      domainName: 'api.example.com',
      domainPrefix: 'api',
      http: { method, path: rawPath, protocol: 'HTTP/1.1', sourceIp: '203.0.113.9', userAgent: 'test' },
      requestId: 'request-1',
      routeKey: '$default',
      stage,
      time: '24/Nov/2026:07:30:00 +0000',
      timeEpoch: ARRIVED,
      ...choices.context,
    },
    ...(body !== undefined && { body: Buffer.from(body).toString('base64') }),
    isBase64Encoded: body !== undefined,
  };
}

/** The context of an invocation. @param remainingMs time that is left when it begins */
export function invocation(remainingMs = 29_000): Context {
  const ends = performance.now() + remainingMs;
  return {
    awsRequestId: 'invocation-1',
    getRemainingTimeInMillis: () => Math.max(0, ends - performance.now()),
  } as Context;
}

export interface AlbChoices {
  readonly method?: string;
  readonly path?: string;
  /** Names and values as they came, percent-encoded. */
  readonly query?: readonly (readonly [name: string, value: string])[];
  readonly headers?: readonly HeaderPair[];
  readonly body?: Buffer;
  /** Whether the target group has multi-value headers switched on. */
  readonly multiValue?: boolean;
}

/** An event of an Application Load Balancer; header names in lower case, as it gives them. */
export function albEvent(choices: AlbChoices = {}): ALBEvent {
  const { method = 'GET', path = '/orders/7', query = [], headers = [], body, multiValue = true } = choices;
  const lower = headers.map(([name, value]) => [name.toLowerCase(), value] as const);
  return {
    requestContext: {
      elb: { targetGroupArn: 'arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/proxy/6d0ecf831eec9f09' },
    },
    httpMethod: method,
    path,
    ...(multiValue
      ? { multiValueHeaders: listsOf(lower), multiValueQueryStringParameters: listsOf(query) }
      : { headers: Object.fromEntries(lower), queryStringParameters: Object.fromEntries(query) }),
    body: body?.toString('base64') ?? '',
    isBase64Encoded: body !== undefined,
  };
}

function listsOf(pairs: readonly (readonly [string, string])[]): Record<string, string[]> {
  const lists: Record<string, string[]> = Object.create(null) as Record<string, string[]>;
  for (const [name, value] of pairs) (lists[name] ??= []).push(value);
  return lists;
}

export const FUNCTION_URL_HOST = 'abcdef1234.lambda-url.eu-west-1.on.aws';

/** An event of a function URL: payload format 2.0, the path as it came. */
export function functionUrlEvent(choices: HttpChoices = {}): APIGatewayProxyEventV2 {
  const context = { accountId: 'anonymous', domainName: FUNCTION_URL_HOST, ...choices.context };
  return httpEvent({ ...choices, context });
}
