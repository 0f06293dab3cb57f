import type { ALBEvent } from 'aws-lambda';
import type { UidsAndClock } from '../../../lib/event/build';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { nobody } from '../../../lib/identity/caller';
import { encodeNonAscii, undecodablePath } from '../../../lib/routing/path-encoding';
import { unsafePath } from '../../../lib/routing/path-readings';
import { unsafeQuery } from './encoding';
import type { IncomingRequest } from './incoming-request';
import { schemeOf, sourceOf } from './source';

/**
 * Reads the event of an Application Load Balancer. It carries path and query as they came, the query cut into names and
 * values but not decoded. With multi-value headers switched off in the target group, the load balancer keeps only the
 * last of repeated headers and query names, and nobody can tell. It says neither when a request arrived nor who asked,
 * and gives no request id: these are made here.
 *
 * A health check comes without `Host` and `X-Forwarded-For`; as a caller could send the same, it is a request like any.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/lambda-functions.html
 */
export function readAlbEvent(event: ALBEvent, from: UidsAndClock): IncomingRequest {
  const headers = headersOf(event);
  const query = queryOf(event);
  const path = encodeNonAscii(event.path);
  const { targetGroupArn } = event.requestContext.elb;
  return {
    payloadVersion: 'alb',
    answerFormat: event.multiValueHeaders ? 'alb-multi-value' : 'alb',
    method: event.httpMethod,
    path,
    query,
    pathAmbiguity: undecodablePath(event.path) ?? unsafePath(path),
    queryAmbiguity: unsafeQuery(query),
    publicPrefix: '',
    headers,
    body: Buffer.from(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8'),
    time: from.now(),
    requestUid: from.uid(),
    extendedRequestUid: traceUidOf(lastValue(headers, 'x-amzn-trace-id')),
    apiUid: targetGroupArn.split(':').at(-1),
    accountUid: /^\d{12}$/.exec(targetGroupArn.split(':')[4] ?? '')?.[0],
    hostname: hostnameOf(lastValue(headers, 'host')),
    scheme: schemeOf(headers),
    // What it says by headers of who asked (OpenID Connect, client certificate) a caller could say too: none is believed.
    who: nobody(),
    source: sourceOf(addressOf(lastValue(headers, 'x-forwarded-for')?.split(',').at(-1)?.trim())),
  };
}

function headersOf({ headers, multiValueHeaders }: ALBEvent): HeaderPair[] {
  const lists = multiValueHeaders ?? wrapped(headers);
  return Object.entries(lists).flatMap(([name, values]) => (values ?? []).map((value): HeaderPair => [name, value]));
}

/** A name without `=` gets one: the event does not tell the two apart. */
function queryOf({ queryStringParameters, multiValueQueryStringParameters }: ALBEvent): string {
  const parameters = multiValueQueryStringParameters ?? wrapped(queryStringParameters);
  return Object.entries(parameters)
    .flatMap(([name, values]) => (values ?? []).map((value) => `${name}=${value}`))
    .join('&');
}

function wrapped(map: Readonly<Record<string, string | undefined>> = {}): Record<string, string[]> {
  return Object.fromEntries(
    Object.entries(map).flatMap(([name, value]) => (value === undefined ? [] : [[name, [value]]])),
  );
}

function lastValue(headers: readonly HeaderPair[], name: string): string | undefined {
  return headers.filter(([header]) => header.toLowerCase() === name).at(-1)?.[1];
}

/** `Self` is the load balancer's own where a caller sent a trace id; it stands in the load balancer's log as well. */
function traceUidOf(trace = ''): string | undefined {
  return (/(?:^|;)Self=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(trace) ?? /(?:^|;)Root=(1-[0-9a-f]{8}-[0-9a-f]{24})/.exec(trace))?.[1]; // prettier-ignore
}

/** Without the port, which the load balancer puts behind it if so configured. */
function addressOf(entry = ''): string | undefined {
  return /^\[([0-9a-f:.]+)\](?::\d+)?$/i.exec(entry)?.[1] ?? /^(\d+(?:\.\d+){3})(?::\d+)?$/.exec(entry)?.[1] ?? /^[0-9a-f:.]*:[0-9a-f:.]*$/i.exec(entry)?.[0]; // prettier-ignore
}

/** The `Host` header without its port; what is no name is not passed on. */
function hostnameOf(host = ''): string | undefined {
  return /^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::\d+)?$/.exec(host)?.[1];
}
