import { Duration } from 'aws-cdk-lib';
import * as secretsmanager from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { ConnectionProps } from '../../lib';
import type { ConnectionInput } from '../../lib/routing/connection';

/**
 * What the config says of connections, for the construct.
 *
 * @throws Error if it names a file: a function in the cloud reads certificates from Secrets Manager only
 */
export function connectionProps(scope: Construct, input: ConnectionInput, routePath: string): ConnectionProps {
  const secret = (key: 'ca' | 'clientCertificate') => {
    const id = input[key];
    if (id === undefined) return undefined;
    if (id.startsWith('file:')) {
      throw new Error(
        `route ${routePath}: connection.tls.${key} names a file, which fits the pipeline on one machine only; ` +
          'put its text into Secrets Manager and name the ARN of the secret',
      );
    }
    const whole = /-[A-Za-z0-9]{6}$/.test(id);
    const name = `${key}${routePath.replaceAll('/', '-')}`;
    return secretsmanager.Secret.fromSecretAttributes(scope, name, whole ? { secretCompleteArn: id } : { secretPartialArn: id }); // prettier-ignore
  };
  const { circuitFailures: failures, circuitOpenMs, serverName } = input;
  const openFor = duration(circuitOpenMs);
  const ca = secret('ca');
  const clientCertificate = secret('clientCertificate');
  return definedOnly<ConnectionProps>({
    connectTimeout: duration(input.connectTimeoutMs),
    firstByteTimeout: duration(input.firstByteTimeoutMs),
    idleTimeout: duration(input.idleTimeoutMs),
    maxConnections: input.maxConnections,
    retries: input.retries,
    circuitBreaker: failures === undefined && openFor === undefined ? undefined : definedOnly({ failures, openFor }),
    tls: (serverName ?? ca ?? clientCertificate) ? definedOnly({ serverName, ca, clientCertificate }) : undefined,
  });
}

function duration(ms: number | undefined): Duration | undefined {
  return ms === undefined ? undefined : Duration.millis(ms);
}

/** Optional props are absent, never undefined. */
function definedOnly<T extends object>(props: { readonly [key in keyof T]: T[key] | undefined }): T {
  return Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)) as T;
}
