import type { Duration } from 'aws-cdk-lib';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';

/** How the proxy connects to the service behind a route. */
export interface ConnectionProps {
  /**
   * How long a connection may take to be made: a free place among `maxConnections`, name, TCP, TLS. Then the caller gets 504.
   *
   * @default Duration.seconds(3)
   */
  readonly connectTimeout?: Duration;

  /**
   * How long the service may take until its answer begins, once there is a connection. Then the caller gets 504. At most
   * 28 seconds, or 5 minutes where answers are streamed (30 seconds on an edge-optimized API).
   *
   * @default - as long as the whole answer may take, `RouteProps.timeout`; 25 seconds where answers are streamed
   */
  readonly firstByteTimeout?: Duration;

  /**
   * How long a kept connection may be idle and still be used; at most a second for methods that are not idempotent. Should be
   * shorter than the service's own.
   *
   * @default Duration.seconds(4)
   */
  readonly idleTimeout?: Duration;

  /**
   * Connections to the service at once, of one function environment: 1 to 256.
   *
   * @default 16
   */
  readonly maxConnections?: number;

  /**
   * How often a request with an idempotent method is tried again where no connection could be made, so that no byte of it was
   * sent: 0 to 3.
   *
   * @default 0
   */
  readonly retries?: number;

  /**
   * When requests are refused since the service fails.
   *
   * @default - after 20 failures in a row, for 5 seconds
   */
  readonly circuitBreaker?: CircuitBreakerProps;

  /**
   * Certificates. Only with an https upstream.
   *
   * @default - the service's certificate must be signed by an authority that Node.js knows; the proxy shows none
   */
  readonly tls?: UpstreamTlsProps;
}

/** When requests are refused with 503 since the service fails. Each function environment counts for itself. */
export interface CircuitBreakerProps {
  /**
   * Calls in a row that found no service, got no answer in time, or only a part of one: 1 to 1000; 0 for never.
   *
   * @default 20
   */
  readonly failures?: number;

  /**
   * How long requests are refused until one is let through to try.
   *
   * @default Duration.seconds(5)
   */
  readonly openFor?: Duration;
}

/** Certificates for an https upstream. The secrets are read when a function environment starts, by its role. */
export interface UpstreamTlsProps {
  /**
   * Name that the service's certificate must have.
   *
   * @default - the host of the upstream
   */
  readonly serverName?: string;

  /**
   * Secret whose text holds the certificates, in PEM, of those who may sign the service's.
   *
   * @default - the authorities that Node.js knows
   */
  readonly ca?: secretsmanager.ISecret;

  /**
   * Secret whose text holds the certificate that the proxy shows, with its chain, and the private key, in PEM.
   *
   * @default - the proxy shows none
   */
  readonly clientCertificate?: secretsmanager.ISecret;
}
