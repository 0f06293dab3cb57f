import type { LocalCaller } from '../../config/config';

/** One header line: name in the client's spelling, and value. Repeated headers are repeated lines. */
export type Header = readonly [name: string, value: string];

/** A request as it came off the wire, with what the gateway alone knows about it. */
export interface ClientRequest {
  readonly method: string;
  /** Path as it came: percent-encoded, nothing resolved. */
  readonly path: string;
  /** The resource of the API that the path belongs to, e.g. `/events`; `/` where there is no other. */
  readonly resource: string;
  /** Query as it came, without `?`; empty if there was none. */
  readonly query: string;
  /** `HTTP/1.1` or `HTTP/1.0`. */
  readonly protocol: string;
  readonly headers: readonly Header[];
  /** Empty if there was none. */
  readonly body: Buffer;
  readonly sourceIp: string;
  /** Port that the client reached. */
  readonly port: number;
  /** When the request arrived, epoch milliseconds. */
  readonly time: number;
  readonly ids: RequestIds;
  /** Who the bearer token stands for; undefined for an unknown or no token. */
  readonly caller: LocalCaller | undefined;
}

export interface RequestIds {
  /** Told to the client; on REST APIs a client may choose it. */
  readonly requestId: string;
  /** Made by the gateway; no client can choose it. */
  readonly extendedRequestId: string;
  /** `X-Amzn-Trace-Id`, continued from the client's if it sent one. */
  readonly traceId: string;
}

/** Value of a header by lower-case name; the last one where it is repeated. */
export function headerValue(headers: readonly Header[], name: string): string | undefined {
  return headers.filter(([candidate]) => candidate.toLowerCase() === name).at(-1)?.[1];
}

/** In the order of their lower-case names, values of a name in the order in which they came. */
export function sortHeaders(headers: readonly Header[]): Header[] {
  return [...headers].sort(([a], [b]) => {
    const [first, second] = [a.toLowerCase(), b.toLowerCase()];
    return first === second ? 0 : first < second ? -1 : 1;
  });
}

/** A map keyed by what clients send: without a prototype, so that `__proto__` is a name like any other. */
export function emptyMap<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}
