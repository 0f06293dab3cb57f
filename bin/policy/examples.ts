import fs from 'node:fs';
import { instantOf } from '../../lib/policy/times';
import type { LocalCaller } from '../config/config';

/** An example of a request, and what the policy should say of it. */
export interface Example {
  readonly name: string;
  readonly method: string;
  /** Percent-encoded, as a caller would send it. */
  readonly path: string;
  /** A caller of the config's `local.callers` by its token, or one that is told here; absent is anonymous. */
  readonly caller?: string | LocalCaller;
  readonly sourceIp?: string;
  /** Instant in UTC; absent is now. */
  readonly time?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly expect: 'allow' | 'deny';
  /** Name of the rule that should decide; absent where any may. */
  readonly rule?: string;
}

/** A file of examples that cannot be used; one line a problem. */
export class ExamplesError extends Error {
  override readonly name = 'ExamplesError';
}

const KEYS = ['name', 'method', 'path', 'caller', 'sourceIp', 'time', 'headers', 'expect', 'rule'];
const TEXTS = ['name', 'method', 'path', 'sourceIp', 'time', 'rule'];

/** @throws ExamplesError with all problems at once */
export function readExamples(file: string): readonly Example[] {
  const requests = requestsIn(file);
  const problems = requests.flatMap((request, index) =>
    exampleProblems(request).map((problem) => `${file}: requests[${index}]${problem}`),
  );
  if (problems.length > 0) throw new ExamplesError(problems.join('\n'));
  return requests as Example[];
}

function requestsIn(file: string): readonly unknown[] {
  let content: { readonly requests?: unknown } | null;
  try {
    content = JSON.parse(fs.readFileSync(file, 'utf8')) as { requests?: unknown } | null;
  } catch (error) {
    throw new ExamplesError(`${file}: cannot be read: ${(error as Error).message}`);
  }
  if (!Array.isArray(content?.requests) || content.requests.length === 0) {
    throw new ExamplesError(`${file}: must hold { "requests": [ … ] } with at least one request`);
  }
  return content.requests as unknown[];
}

function exampleProblems(raw: unknown): string[] {
  if (typeof raw !== 'object' || raw === null) return [': must be an object'];
  const request = raw as Readonly<Record<string, unknown>>;
  const { name, method, path, time, expect } = request;
  const unknown = Object.keys(request).filter((key) => !KEYS.includes(key));
  const noText = TEXTS.filter((key) => request[key] !== undefined && typeof request[key] !== 'string');
  return [
    ...unknown.map((key) => `.${key}: unknown key; allowed are ${KEYS.join(', ')}`),
    ...noText.map((key) => `.${key}: must be a text`),
    ...(name === undefined ? ['.name: is missing'] : []),
    ...(method === undefined ? ['.method: is missing'] : []),
    ...(typeof path === 'string' && path.startsWith('/') ? [] : ['.path: must begin with "/"']),
    ...(expect === 'allow' || expect === 'deny' ? [] : ['.expect: must be "allow" or "deny"']),
    ...(typeof time === 'string' && instantOf(time) === undefined
      ? ['.time: must be an instant in UTC, like "2026-12-01T00:00:00Z"']
      : []),
  ];
}
