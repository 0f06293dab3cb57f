import type { HeaderPair } from '../../lib/event/privacy/headers';
import type { ProblemCode } from '../../lambda/proxy/problem';

/**
 * The ways a request comes in: the events of both kinds of API, built as AWS does; one of them once more, answered as a stream;
 * and both kinds of local gateway behind raw sockets.
 */
export const FORMATS = [
  ...(['rest-event', 'http-event', 'rest-stream'] as const),
  ...(['rest-gateway', 'http-gateway'] as const),
];
export type Format = (typeof FORMATS)[number];

/** Formats that behave alike, most special last: what is said of the special one counts. */
export type FormatGroup = 'rest' | 'http' | 'event' | 'gateway' | Format;

/** A format that has all that another one has, and its own besides. */
const LIKE: Readonly<Partial<Record<Format, Format>>> = { 'rest-stream': 'rest-event' };

export interface Sent {
  /** Default `GET`. */
  readonly method?: string;
  /** Percent-encoded; default `/orders/7`. */
  readonly path?: string;
  /** Without `?`; default none. */
  readonly query?: string;
  /** Besides `Host: api.example.com`. */
  readonly headers?: readonly HeaderPair[];
  readonly body?: Buffer | string;
}

export interface Expectation {
  /** The path and query that the service sees. Default: as they were sent. */
  readonly target?: string;
  /** Headers of the caller's that the service does not see, in lower case. Default: it sees all, and no others. */
  readonly drops?: readonly string[];
  /**
   * What the proxy says to the service, exactly. `{ip}` is the caller's address, `{service}`
   * the service's host and port.
   */
  readonly tells?: Readonly<Record<string, string | RegExp | readonly string[]>>;
  /** Default: the body as it was sent. */
  readonly body?: Buffer | string;
  /** How often the service is called. Default: once, or never if the request is refused. */
  readonly calls?: number;

  /** The proxy answers itself, with this problem. */
  readonly problem?: ProblemCode;
  /** The answer breaks off, as its service does: how much of it there was is not looked at. */
  readonly breaksOff?: ProblemCode;
  /** The gateway answers itself, with this status, 0 if it just closes the connection; the function is not called. */
  readonly edge?: number;
  /** Default 200, or that of the problem. */
  readonly status?: number;
  /** Answer headers, in lower case, each value exactly; an empty list where there must be none. */
  readonly answers?: Readonly<Record<string, readonly string[]>>;
  /** Default `ok`; undefined is not looked at where there is a problem. */
  readonly answerBody?: Buffer | string;
}

export interface Case {
  readonly name: string;
  readonly sends?: Sent;
  /** Whether the proxy has a policy: `/orders/internal/**` and `/paths/internal/**` are denied, all else allowed. `/paths` forwards ambiguous paths. */
  readonly policy?: boolean;
  /** Bytes on the wire instead, which only a gateway can get. */
  readonly wire?: string;
  /** Bytes that the service answers; default `OK`. It closes the connection after them if they end in `<close>`. */
  readonly service?: string | Buffer;
  readonly expect?: Expectation;
  /** What differs by format; a text says why the case does not apply there. */
  readonly on?: Readonly<Partial<Record<FormatGroup, Expectation | string>>>;
}

export const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';

/** What is expected of a case in a format, or why it does not apply. */
export function expectationOf({ expect = {}, on = {}, wire }: Case, format: Format): Expectation | string {
  const like = LIKE[format] ?? format;
  const [family = '', way = ''] = like.split('-');
  if (wire !== undefined && way === 'event') return 'an event holds no bytes of a connection: the edge has parsed them';
  let merged = expect;
  for (const group of new Set([family, way, like, format])) {
    const difference = on[group as FormatGroup];
    if (typeof difference === 'string') return difference;
    merged = { ...merged, ...difference };
  }
  return merged;
}
