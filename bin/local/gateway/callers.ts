import type { LocalCaller } from '../../config/config';
import { headerValue, type Header } from './client-request';

/**
 * Who a request comes from. Nothing is verified on one machine: a bearer token from the config file simply stands for
 * the identity that API Gateway would have verified. Requests with an unknown or no token are let through as anonymous.
 */
export function callerOf(
  callers: Readonly<Record<string, LocalCaller>>,
  headers: readonly Header[],
): LocalCaller | undefined {
  const token = /^Bearer +(\S+)$/i.exec(headerValue(headers, 'authorization') ?? '')?.[1];
  return token !== undefined && Object.hasOwn(callers, token) ? callers[token] : undefined;
}
