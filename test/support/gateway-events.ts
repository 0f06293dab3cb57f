import type { APIGatewayProxyEvent, APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { GATEWAY_SECRET_VARIABLE, gatewaySecretHash } from '../../lib/routing/gateway-secret';

/** 2026-11-24T07:30:00Z */
export const ARRIVED = Date.UTC(2026, 10, 24, 7, 30);

/** What the stages of all APIs of the tests hand the function, and what the function knows of it. */
export const GATEWAY_SECRET = 'what-only-the-stage-knows';
export const STAGE_VARIABLES = { [GATEWAY_SECRET_VARIABLE]: GATEWAY_SECRET };
export const GATEWAY_SECRET_HASHES = [gatewaySecretHash(GATEWAY_SECRET)];

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
    stageVariables: STAGE_VARIABLES,
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
    stageVariables: STAGE_VARIABLES,
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
