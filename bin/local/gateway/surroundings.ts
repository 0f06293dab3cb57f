import { headerValue, type ClientRequest } from './client-request';

/** What events tell about the API; on one machine there is one of each. */
export const ACCOUNT_ID = '000000000000';
export const API_ID = 'local';
export const STAGE = 'local';
export const REGION = 'us-east-1';

/** The name that the client called the API by: the `Host` header without its port. */
export function hostName(request: ClientRequest): string {
  return (headerValue(request.headers, 'host') ?? '').replace(/:\d*$/, '');
}
