import { Stack, Token } from 'aws-cdk-lib';
import * as iam from 'aws-cdk-lib/aws-iam';
import type * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { ConnectionProps } from '../connection-props';
import type { RouteProps } from '../route-props';
import { checkConnection, type ConnectionInput } from '../routing/connection';
import type { RouteInput } from '../routing/route';
import type { PropProblem } from './validation';

/** What constructs say of connections, in the words of the function; what is absent is left out, since settings are small. */
export function connectionInput(props: ConnectionProps): ConnectionInput {
  const { maxConnections, retries, circuitBreaker, tls } = props;
  const all: ConnectionInput = {
    connectTimeoutMs: props.connectTimeout?.toMilliseconds(),
    firstByteTimeoutMs: props.firstByteTimeout?.toMilliseconds(),
    idleTimeoutMs: props.idleTimeout?.toMilliseconds(),
    maxConnections,
    retries,
    circuitFailures: circuitBreaker?.failures,
    circuitOpenMs: circuitBreaker?.openFor?.toMilliseconds(),
    serverName: tls?.serverName,
    ca: tls?.ca?.secretArn,
    clientCertificate: tls?.clientCertificate?.secretArn,
  };
  return Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined));
}

const KEYS: Readonly<Record<keyof ConnectionInput, string>> = {
  connectTimeoutMs: 'connectTimeout',
  firstByteTimeoutMs: 'firstByteTimeout',
  idleTimeoutMs: 'idleTimeout',
  maxConnections: 'maxConnections',
  retries: 'retries',
  circuitFailures: 'circuitBreaker.failures',
  circuitOpenMs: 'circuitBreaker.openFor',
  serverName: 'tls.serverName',
  ca: 'tls.ca',
  clientCertificate: 'tls.clientCertificate',
};

/** What is wrong with the connections of the routes. */
export function connectionProblems(routes: readonly RouteInput[]): PropProblem[] {
  return routes.flatMap(({ connection = {}, upstream, streaming = false }, index) => {
    const isSecure = Token.isUnresolved(upstream) ? undefined : upstream.startsWith('https:');
    return checkConnection(connection, { isSecure, streaming }, (value) => Token.isUnresolved(value)).map(
      ({ key, message }) => ({
        key: `routes[${index}].connection.${KEYS[key]}`,
        message,
      }),
    );
  });
}

/** What the proxy function may read for its connections. */
export function certificateStatements(routes: readonly RouteProps[]): iam.PolicyStatement[] {
  const secrets = new Set(
    routes.flatMap(({ connection }) => [connection?.tls?.ca, connection?.tls?.clientCertificate]).filter(isSecret),
  );
  return [...secrets].flatMap(({ secretFullArn, secretArn, encryptionKey }) => [
    // An ARN without the six characters that Secrets Manager appends matches with a wildcard only.
    new iam.PolicyStatement({
      actions: ['secretsmanager:GetSecretValue'],
      resources: [secretFullArn === undefined ? `${secretArn}-??????` : secretArn],
    }),
    ...(encryptionKey === undefined
      ? []
      : [
          new iam.PolicyStatement({
            actions: ['kms:Decrypt'],
            resources: [encryptionKey.keyArn],
            conditions: {
              StringEquals: { 'kms:ViaService': `secretsmanager.${Stack.of(encryptionKey).region}.amazonaws.com` },
            },
          }),
        ]),
  ]);
}

function isSecret(secret: secretsmanager.ISecret | undefined): secret is secretsmanager.ISecret {
  return secret !== undefined;
}
