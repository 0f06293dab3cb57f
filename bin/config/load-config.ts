import fs from 'node:fs';
import path from 'node:path';
import { DEFAULT_ASSERTION_LIFETIME_SECONDS, defaultIssuer } from '../../lib/routing/assertion';
import { DEFAULT_MAX_BODY_BYTES } from '../../lib/routing/proxy-settings';
import { resolveRecording } from '../../lib/routing/recording';
import { resolveRoute } from '../../lib/routing/route';
import {
  ConfigError,
  type AssertionConfig,
  type AuditProxyConfig,
  type AuthorizationConfig,
  type LocalCaller,
} from './config';
import { meaningProblems } from './meaning-problems';
import { resolvePolicy } from './policy';
import { formatPlace, type Problem } from './problem';
import { connectionInput } from './connection';
import { recordInput } from './record';
import type { RawAuthorization, RawConfig, RawRoute } from './raw-config';
import { schemaProblems } from './schema-problems';
import { JsonSource } from './source';
import { parseDays, parseDuration, parseSize } from './units';

/** What holds where the file is silent; `audit-proxy.schema.json` says the same. */
export const CONFIG_DEFAULTS = {
  type: 'REST',
  authorization: 'IAM',
  rateLimit: 1000,
  burstLimit: 2000,
  gatewaySecretVersion: 1,
  retention: '365d',
  stackName: 'AuditProxy',
} as const;

/**
 * Reads and checks `audit-proxy.json`.
 *
 * @param file path of the file, relative to the working directory or absolute.
 * @throws ConfigError with one line a problem, all problems at once, e.g.
 * `audit-proxy.json:7:5 routes[0].upstrem: unknown key; did you mean "upstream"?`
 */
export function loadConfig(file: string): AuditProxyConfig {
  const text = readText(file);
  const source = new JsonSource(text);
  const syntax = source.syntaxProblems();
  if (syntax.length > 0) throw new ConfigError(syntax.map((p) => `${file}:${p.position} ${p.message}`).join('\n'));

  // JSON.parse, unlike jsonc-parser's own values, keeps a key `__proto__` as a key.
  const config = JSON.parse(text) as unknown;
  const problems = [...source.duplicateKeys(), ...onePerPlace([...meaningProblems(config), ...schemaProblems(config)])];
  if (problems.length > 0) {
    const located = problems.map((problem) => ({ problem, position: source.locate(problem) }));
    located.sort((a, b) => comparePositions(a.position, b.position));
    const line = ({ problem, position }: (typeof located)[number]) =>
      `${file}:${position} ${formatPlace(problem.place)}: ${problem.message}`;
    throw new ConfigError(located.map(line).join('\n'));
  }
  return resolve(path.resolve(file), config as RawConfig);
}

function readText(file: string): string {
  try {
    return fs.readFileSync(file, 'utf8').replace(/^\ufeff/, '');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') {
      throw new ConfigError(
        `${file}: no such file; write one, at least { "routes": [{ "path": "/orders", "upstream": "http://127.0.0.1:9001" }] }`,
      );
    }
    throw new ConfigError(`${file}: cannot be read: ${message}`);
  }
}

/** The first problem of a place stands: what we know of the meaning says more than the schema does. */
function onePerPlace(problems: readonly Problem[]): Problem[] {
  const byPlace = new Map<string, Problem>();
  for (const problem of problems) {
    const key = JSON.stringify(problem.place);
    if (!byPlace.has(key)) byPlace.set(key, problem);
  }
  return [...byPlace.values()];
}

function comparePositions(a: string, b: string): number {
  const [lineA = 0, columnA = 0] = a.split(':').map(Number);
  const [lineB = 0, columnB = 0] = b.split(':').map(Number);
  return lineA - lineB || columnA - columnB;
}

function resolve(file: string, raw: RawConfig): AuditProxyConfig {
  return {
    file,
    routes: raw.routes.map(({ timeout, record, connection, ...route }: RawRoute) =>
      resolveRoute({
        ...route,
        timeoutMs: optionalDuration(timeout),
        record: record && recordInput(record),
        connection: connection && connectionInput(connection, path.dirname(file)),
      }),
    ),
    api: {
      type: raw.api?.type ?? CONFIG_DEFAULTS.type,
      authorization: resolveAuthorization(raw.api?.authorization ?? CONFIG_DEFAULTS.authorization),
      rateLimit: raw.api?.throttling?.rateLimit ?? CONFIG_DEFAULTS.rateLimit,
      burstLimit: raw.api?.throttling?.burstLimit ?? CONFIG_DEFAULTS.burstLimit,
      gatewaySecretVersion: raw.api?.gatewaySecretVersion ?? CONFIG_DEFAULTS.gatewaySecretVersion,
    },
    recording: resolveRecording({
      streams: raw.recording?.streams,
      hedgeDelayMs: optionalDuration(raw.recording?.hedgeDelay),
      limitMs: optionalDuration(raw.recording?.limit),
    }),
    assertion: resolveAssertion(raw.assertion, raw.stackName ?? CONFIG_DEFAULTS.stackName),
    claimNames: raw.identity?.claims ?? {},
    policy: raw.policy && resolvePolicy(raw.policy, path.dirname(file)),
    retentionDays: checked(parseDays(raw.retention ?? CONFIG_DEFAULTS.retention)),
    maxBodyBytes: raw.maxBodySize === undefined ? DEFAULT_MAX_BODY_BYTES : checked(parseSize(raw.maxBodySize)),
    stackName: raw.stackName ?? CONFIG_DEFAULTS.stackName,
    local: { callers: resolveCallers(raw.local?.callers ?? {}) },
  };
}

function resolveAssertion(raw: RawConfig['assertion'], stackName: string): AssertionConfig | undefined {
  if (raw === undefined || raw === false) return undefined;
  const { issuer = defaultIssuer(stackName), lifetime } = raw === true ? {} : raw;
  const lifetimeMs = optionalDuration(lifetime);
  return {
    issuer,
    lifetimeSeconds: lifetimeMs === undefined ? DEFAULT_ASSERTION_LIFETIME_SECONDS : lifetimeMs / 1000,
  };
}

function resolveAuthorization(raw: RawAuthorization): AuthorizationConfig {
  if (typeof raw === 'string') return { type: raw };
  if (raw.cognito !== undefined) return { type: 'COGNITO', ...raw.cognito };
  if (raw.jwt !== undefined) return { type: 'JWT', ...raw.jwt };
  return { type: 'LAMBDA', ...checked(raw.lambda) };
}

function resolveCallers(callers: Readonly<Record<string, LocalCaller>>): Readonly<Record<string, LocalCaller>> {
  // Keyed by what clients send: without a prototype, so that the token `constructor` finds nobody.
  return Object.assign(Object.create(null) as Record<string, LocalCaller>, callers);
}

function optionalDuration(text: string | undefined): number | undefined {
  return text === undefined ? undefined : checked(parseDuration(text));
}

/** For values that the checks above have already let pass. */
function checked<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the schema let a value pass that cannot be read');
  return value;
}
