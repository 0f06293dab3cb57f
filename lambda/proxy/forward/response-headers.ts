import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { connectionHeaders, HOP_BY_HOP } from './hop-by-hop';

/**
 * The headers that the caller gets: the service's, in order, less hop-by-hop ones, with the request id. The body's
 * length is told by API Gateway, except where there is none to measure (HEAD, 304).
 */
export function responseHeaders(headers: readonly HeaderPair[], requestUid: string, bodiless: boolean): HeaderPair[] {
  const dropped = connectionHeaders(headers);
  const passed = headers.filter(([name]) => {
    const key = name.toLowerCase();
    if (key === 'content-length') return bodiless;
    return !HOP_BY_HOP.has(key) && !dropped.has(key) && key !== 'x-request-id';
  });
  return [...passed, ['x-request-id', requestUid]];
}
