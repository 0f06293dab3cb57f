import { checkAssertion } from '../../lib/routing/assertion';
import { checkClaimNames, type ClaimNames } from '../../lib/identity/claim-names';
import { DEFAULT_MAX_BODY_BYTES, MAX_RECORDING_LIMIT_MS } from '../../lib/routing/proxy-settings';
import { checkRecording, type Recording } from '../../lib/routing/recording';
import { checkRoute, type RouteInput } from '../../lib/routing/route';
import { policyProblems } from './policy';
import { shown, type Problem } from './problem';
import { connectionProblems } from './connection';
import { recordProblems } from './record';
import type { RawApi, RawRecording, RawRoute } from './raw-config';
import { parseDays, parseDuration, parseSize } from './units';

/**
 * Checks what a JSON Schema cannot say. The config may still be wrong in other ways: what does not even have the right
 * type is passed over here, since the schema has already complained.
 */
export function meaningProblems(config: unknown): Problem[] {
  const { routes, api, recording, assertion, identity, policy, retention, maxBodySize, local } = asObject(config);
  return [
    ...routeProblems(Array.isArray(routes) ? routes : []),
    ...streamingProblems(Array.isArray(routes) ? routes : [], asObject(api).type),
    ...apiProblems(asObject(api) as RawApi),
    ...recordingProblems(asObject(recording)),
    ...assertionProblems(asObject(assertion)),
    ...policyProblems(policy, Array.isArray(routes) ? routes : []),
    ...claimNameProblems(asObject(asObject(identity).claims)),
    ...retentionProblems(retention),
    ...bodySizeProblems(maxBodySize),
    ...callerProblems(asObject(asObject(local).callers)),
  ];
}

function routeProblems(routes: readonly unknown[]): Problem[] {
  const problems: Problem[] = [];
  const firstWithPath = new Map<string, number>();
  routes.forEach((entry, index) => {
    const raw = asObject(entry);
    for (const { key, message } of checkRoute(routeInput(raw))) {
      const name = KEYS[key];
      // An absent key is the schema's affair.
      if (raw[name] !== undefined && (typeof raw[name] === 'string' || name === 'stripHeaders'))
        problems.push({ place: ['routes', index, name], message });
    }
    for (const { place, message } of connectionProblems(raw.connection, raw)) {
      problems.push({ place: ['routes', index, 'connection', ...place], message });
    }
    for (const { place, message } of recordProblems(raw.record)) {
      problems.push({ place: ['routes', index, 'record', ...place], message });
    }
    if (typeof raw.path !== 'string') return;
    const first = firstWithPath.get(raw.path);
    if (first === undefined) firstWithPath.set(raw.path, index);
    else {
      const message = `must be the path of one route only; ${shown(raw.path)} is the path of routes[${first}] too`;
      problems.push({ place: ['routes', index, 'path'], message });
    }
  });
  return problems;
}

function streamingProblems(routes: readonly unknown[], apiType: unknown): Problem[] {
  if (apiType !== 'HTTP') return [];
  const message =
    'fits a REST API only; set "type": "REST" in api, or leave it out: an HTTP API passes on whole answers';
  return routes.flatMap((route, index) =>
    asObject(route).streaming === true ? [{ place: ['routes', index, 'streaming'], message }] : [],
  );
}

/** What the config file calls the keys of a route. */
const KEYS = {
  path: 'path',
  upstream: 'upstream',
  service: 'service',
  stripPrefix: 'stripPrefix',
  timeoutMs: 'timeout',
  guarantee: 'guarantee',
  onUnrecorded: 'onUnrecorded',
  record: 'record',
  connection: 'connection',
  rewriteLocation: 'rewriteLocation',
  streaming: 'streaming',
  ambiguousPaths: 'ambiguousPaths',
  caseInsensitive: 'caseInsensitive',
  stripHeaders: 'stripHeaders',
} as const satisfies Record<keyof RouteInput, keyof RawRoute>;

function routeInput(raw: Readonly<Record<string, unknown>>): RouteInput {
  return {
    path: text(raw.path) ?? '/',
    upstream: text(raw.upstream) ?? 'http://absent',
    service: text(raw.service),
    timeoutMs: parseDuration(text(raw.timeout) ?? ''),
    guarantee: text(raw.guarantee),
    onUnrecorded: text(raw.onUnrecorded),
    streaming: raw.streaming === true,
    ambiguousPaths: text(raw.ambiguousPaths),
    stripHeaders: Array.isArray(raw.stripHeaders)
      ? raw.stripHeaders.filter((name): name is string => typeof name === 'string')
      : undefined,
  };
}

function apiProblems({ type = 'REST', authorization }: RawApi): Problem[] {
  if (typeof authorization !== 'object' || authorization === null) return [];
  const place = ['api', 'authorization'];
  if (authorization.jwt !== undefined && type === 'REST') {
    return [{ place, message: 'jwt fits an HTTP API only; set "type": "HTTP" in api, or use cognito' }];
  }
  if (authorization.cognito !== undefined && type === 'HTTP') {
    const message =
      'cognito fits a REST API only; set "type": "REST" in api, or use jwt with the user pool as the issuer, ' +
      '"https://cognito-idp.REGION.amazonaws.com/USER_POOL_ID"';
    return [{ place, message }];
  }
  return [];
}

/** What the config file calls the keys of recording. */
const RECORDING_KEYS = {
  streams: 'streams',
  hedgeDelayMs: 'hedgeDelay',
  limitMs: 'limit',
} as const satisfies Record<keyof Recording, keyof RawRecording>;

function recordingProblems(raw: Readonly<Record<string, unknown>>): Problem[] {
  return checkRecording({
    streams: typeof raw.streams === 'number' ? raw.streams : undefined,
    hedgeDelayMs: parseDuration(text(raw.hedgeDelay) ?? ''),
    // What cannot be read is the schema's affair, and bounds nothing.
    limitMs: raw.limit === undefined ? undefined : (parseDuration(text(raw.limit) ?? '') ?? MAX_RECORDING_LIMIT_MS),
  }).map(({ key, message }) => ({ place: ['recording', RECORDING_KEYS[key]], message }));
}

function assertionProblems(raw: Readonly<Record<string, unknown>>): Problem[] {
  const problems = checkAssertion(text(raw.issuer), parseDuration(text(raw.lifetime) ?? ''));
  return problems.map(({ key, message }) => ({ place: ['assertion', key], message }));
}

function claimNameProblems(raw: Readonly<Record<string, unknown>>): Problem[] {
  // What is no text is the schema's affair.
  const names = Object.fromEntries(Object.entries(raw).filter(([, name]) => typeof name === 'string')) as ClaimNames;
  return checkClaimNames(names).map(({ key, message }) => ({ place: ['identity', 'claims', key], message }));
}

/** What somebody is known by at API Gateway: one authorizer, and beside it perhaps a certificate or an API key. */
const AUTHORIZED_BY = ['claims', 'iam', 'lambda'];

function callerProblems(callers: Readonly<Record<string, unknown>>): Problem[] {
  return Object.entries(callers).flatMap(([token, caller]) => {
    const ways = Object.keys(asObject(caller)).filter((key) => AUTHORIZED_BY.includes(key));
    if (ways.length < 2) return [];
    const message = `must have one of ${AUTHORIZED_BY.join(', ')} at most; got ${ways.join(' and ')}`;
    return [{ place: ['local', 'callers', token], message }];
  });
}

/** S3 takes at most 100 years as default retention. */
const MAX_RETENTION_DAYS = 36_500;

function retentionProblems(retention: unknown): Problem[] {
  const days = parseDays(text(retention) ?? '');
  if (days === undefined || days <= MAX_RETENTION_DAYS) return [];
  return [{ place: ['retention'], message: `must be from 1d to ${MAX_RETENTION_DAYS}d; got ${shown(retention)}` }];
}

function bodySizeProblems(size: unknown): Problem[] {
  const bytes = parseSize(text(size) ?? '');
  if (bytes === undefined || bytes <= DEFAULT_MAX_BODY_BYTES) return [];
  const message = `must be at most 4MiB, since a function takes 6 MB and bodies travel as base64; got ${shown(size)}`;
  return [{ place: ['maxBodySize'], message }];
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
