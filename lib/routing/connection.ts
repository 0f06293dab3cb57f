/**
 * How the proxy connects to the service behind a route, as people write it and as the function gets it: what is absent has its
 * default (`connectionOf`). Durations in milliseconds.
 */
export interface ConnectionInput {
  /** How long the connection may take: a free place in the pool, name, TCP, TLS. */
  readonly connectTimeoutMs?: number | undefined;
  /**
   * How long the service may take from there until its answer begins. Absent: as long as the whole answer may, or
   * `DEFAULT_TIMEOUT_MS` where answers are streamed.
   */
  readonly firstByteTimeoutMs?: number | undefined;
  /** How long a kept connection may be idle and still be used. */
  readonly idleTimeoutMs?: number | undefined;
  /** Connections to the service at once, of one function environment. */
  readonly maxConnections?: number | undefined;
  /** How often an idempotent request is tried again where no connection was made. */
  readonly retries?: number | undefined;
  /** Failures in a row after which requests are refused; 0: never. */
  readonly circuitFailures?: number | undefined;
  /** How long they are refused until one is let through to try. */
  readonly circuitOpenMs?: number | undefined;
  /** Name that the service's certificate must have. Absent: the upstream's host. */
  readonly serverName?: string | undefined;
  /** Secret with the certificates (PEM) of those who may sign the service's. Absent: those that Node.js trusts. */
  readonly ca?: string | undefined;
  /** Secret with the certificate (PEM, with its chain) and the private key that the proxy shows. Absent: it shows none. */
  readonly clientCertificate?: string | undefined;
}

/** With every default filled in. */
export type Connection = Required<Pick<ConnectionInput, keyof typeof CONNECTION_DEFAULTS>> & ConnectionInput;

export const CONNECTION_DEFAULTS = {
  connectTimeoutMs: 3_000,
  idleTimeoutMs: 4_000,
  maxConnections: 16,
  retries: 0,
  circuitFailures: 20,
  circuitOpenMs: 5_000,
} as const satisfies ConnectionInput;

/** What is wrong with one key. */
export interface ConnectionProblem {
  readonly key: keyof ConnectionInput;
  readonly message: string;
}

/** What a route says besides, as far as it is known: it bounds what its connections may be. */
export interface ConnectingRoute {
  /** Whether the upstream is https; undefined where that is not known yet. */
  readonly isSecure: boolean | undefined;
  /** Whether answers are streamed. */
  readonly streaming: boolean;
}

/**
 * Longest `firstByteTimeoutMs` where answers are streamed: API Gateway waits for 5 minutes until something comes (regional and
 * private APIs).
 *
 * @see https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode.html
 */
const MAX_STREAMING_FIRST_BYTE_MS = 300_000;

/** Least and most of each number. */
const BOUNDS: readonly (readonly [key: keyof typeof CONNECTION_DEFAULTS | 'firstByteTimeoutMs', least: number, most: number])[] = [
  ['connectTimeoutMs', 1, 28_000],
  ['firstByteTimeoutMs', 1, 28_000],
  ['idleTimeoutMs', 1, 300_000],
  ['maxConnections', 1, 256],
  ['retries', 0, 3],
  ['circuitFailures', 0, 1_000],
  ['circuitOpenMs', 100, 300_000],
]; // prettier-ignore

const SECRET_ARN = /^arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:[\w/+=.@-]+$/;

/**
 * Checks how a service is connected to, and says for each wrong key what is allowed and what it got.
 *
 * @param isToken tells values that are not known yet (CDK tokens); these are not looked at
 */
export function checkConnection(
  input: ConnectionInput,
  { isSecure, streaming }: ConnectingRoute,
  isToken: (value: unknown) => boolean = () => false,
): ConnectionProblem[] {
  const problems: ConnectionProblem[] = [];
  for (const [key, least, usual] of BOUNDS) {
    const value = input[key];
    const most = streaming && key === 'firstByteTimeoutMs' ? MAX_STREAMING_FIRST_BYTE_MS : usual;
    if (value === undefined || isToken(value) || (Number.isInteger(value) && value >= least && value <= most)) continue;
    const unit = key.endsWith('Ms') ? ' ms' : '';
    problems.push({ key, message: `must be a whole number from ${least} to ${most}${unit}; got ${value}${unit}` });
  }
  const { serverName } = input;
  if (serverName !== undefined && !isToken(serverName) && !/^[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?$/.test(serverName)) {
    problems.push({ key: 'serverName', message: 'must be a host name' });
  } // prettier-ignore
  for (const key of ['ca', 'clientCertificate'] as const) {
    const secret = input[key];
    if (secret === undefined || isToken(secret) || secret.startsWith('file:') || SECRET_ARN.test(secret)) continue;
    const message =
      'must be the ARN of a secret, or for the pipeline on one machine "file:" and the path of a PEM file';
    problems.push({ key, message });
  }
  for (const key of ['serverName', 'ca', 'clientCertificate'] as const) {
    if (isSecure === false && input[key] !== undefined) {
      problems.push({ key, message: 'fits an https upstream only; the upstream is http' });
    }
  }
  return problems;
}

/** Fills in the defaults. */
export function connectionOf(input: ConnectionInput = {}): Connection {
  const told = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined)) as ConnectionInput;
  return { ...CONNECTION_DEFAULTS, ...told } as Connection;
}
