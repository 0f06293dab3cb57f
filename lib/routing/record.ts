import { isParsedType } from '../event/privacy/parsed-type';
import { parsePointer } from '../event/privacy/pointer';
import { isSecretName } from '../event/privacy/secret-names';

/** What is recorded of a route's requests beyond the usual, and what less. As the proxy function gets it. */
export interface RecordRules {
  /** Header names in lower case that are recorded beside the usual ones. */
  readonly headers: readonly string[];
  readonly redact: FieldNames;
  readonly pseudonymize: FieldNames;
  /** How bodies are captured, of requests and of answers; undefined where they are not. */
  readonly capture: {
    readonly request?: CaptureRules | undefined;
    readonly response?: CaptureRules | undefined;
    /** JSON pointers to the parts that are kept; undefined where all are. */
    readonly only?: readonly string[] | undefined;
  };
}

/** Values, by where they stand. */
export interface FieldNames {
  /** Header names, of requests and answers; in lower case. */
  readonly headers: readonly string[];
  /** Query names, in lower case. */
  readonly query: readonly string[];
  /** JSON pointers (RFC 6901) into captured bodies; a segment `*` takes every member or element. */
  readonly body: readonly string[];
}

export interface CaptureRules {
  /** Media types in lower case; `*` stands for any run of characters but a slash. */
  readonly contentTypes: readonly string[];
  /** What is longer, once redacted, is cut to this many bytes. */
  readonly maxBytes: number;
  /** `ACCEPTED_RISK` where types may be captured that are not parsed. */
  readonly acceptRisk?: string | undefined;
}

/** The same as people write it: what is absent gets its default. */
export interface RecordInput {
  readonly headers?: readonly string[] | undefined;
  readonly redact?: FieldNamesInput | undefined;
  readonly pseudonymize?: FieldNamesInput | undefined;
  readonly capture?:
    | {
        readonly request?: CaptureInput | undefined;
        readonly response?: CaptureInput | undefined;
        readonly only?: readonly string[] | undefined;
      }
    | undefined;
}

export type FieldNamesInput = { readonly [key in keyof FieldNames]?: readonly string[] | undefined };
export type CaptureInput = { readonly [key in keyof CaptureRules]?: CaptureRules[key] | undefined };

/** JSON and forms: what is redacted part by part. */
export const DEFAULT_CONTENT_TYPES = [
  'application/json',
  'application/*+json',
  'application/x-www-form-urlencoded',
] as const;
/** The words with which a route accepts that bodies are captured in which redaction can only guess. */
export const ACCEPTED_RISK = 'secrets may be stored';
export const DEFAULT_CAPTURE_BYTES = 64 * 1024;
/**
 * Larger bodies, once decompressed, are not captured at all: to look for secrets in 1 MiB may take a second of a processor,
 * and the outcome waits for it.
 */
export const MAX_CAPTURE_BYTES = 1024 * 1024;

/** What is wrong at one place of it. */
export interface RecordProblem {
  /** Keys and indexes from `record` down, e.g. `redact`, `body`, `0`. */
  readonly place: readonly (string | number)[];
  readonly message: string;
}

/** Checks what is said of recording, and says for each wrong place what is allowed and what it got. */
export function checkRecord(input: RecordInput): RecordProblem[] {
  const { headers = [], redact = {}, pseudonymize = {}, capture = {} } = input;
  return [
    ...headers.flatMap(
      (name, index) => headerProblem(name, ['headers', index]) ?? secretProblem(name, ['headers', index]),
    ),
    ...fieldProblems(redact, 'redact'),
    ...fieldProblems(pseudonymize, 'pseudonymize'),
    ...twice(redact, pseudonymize),
    ...forwardedForProblem(pseudonymize),
    ...captureProblems(capture.request, 'request', capture.only !== undefined),
    ...captureProblems(capture.response, 'response', capture.only !== undefined),
    ...onlyProblems(capture.only),
    ...pointersWithoutCapture(input),
  ];
}

/** Fills in the defaults. */
export function resolveRecord({ headers = [], redact, pseudonymize, capture }: RecordInput): RecordRules {
  return {
    headers: headers.map((name) => name.toLowerCase()),
    redact: resolveFields(redact),
    pseudonymize: resolveFields(pseudonymize),
    capture: {
      ...(capture?.request && { request: resolveCapture(capture.request) }),
      ...(capture?.response && { response: resolveCapture(capture.response) }),
      ...(capture?.only && { only: capture.only }),
    },
  };
}

/** Whether any value of the route becomes a pseudonym, which takes a key. */
export function needsPseudonyms({ pseudonymize }: RecordRules): boolean {
  return pseudonymize.headers.length + pseudonymize.query.length + pseudonymize.body.length > 0;
}

/** Whether bodies of the route are captured, which takes a place for large ones. */
export function capturesBodies({ capture }: RecordRules): boolean {
  return capture.request !== undefined || capture.response !== undefined;
}

function resolveFields({ headers = [], query = [], body = [] }: FieldNamesInput = {}): FieldNames {
  const lower = (names: readonly string[]) => names.map((name) => name.toLowerCase());
  return { headers: lower(headers), query: lower(query), body };
}

function resolveCapture({ contentTypes, maxBytes, acceptRisk }: CaptureInput): CaptureRules {
  return {
    contentTypes: (contentTypes ?? DEFAULT_CONTENT_TYPES).map((type) => type.toLowerCase()),
    maxBytes: maxBytes ?? DEFAULT_CAPTURE_BYTES,
    ...(acceptRisk !== undefined && { acceptRisk }),
  };
}

/** @see https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}$/;

function headerProblem(name: string, place: RecordProblem['place']): RecordProblem[] | undefined {
  if (TOKEN.test(name)) return undefined;
  return [{ place, message: `must be the name of a header, like "x-tenant"; got "${name}"` }];
}

function secretProblem(name: string, place: RecordProblem['place']): RecordProblem[] {
  if (!isSecretName(name)) return [];
  const message = `must not be a header that holds a secret, which is never recorded; got "${name}" (pseudonymize takes it)`;
  return [{ place, message }];
}

function fieldProblems({ headers = [], query = [], body = [] }: FieldNamesInput, key: string): RecordProblem[] {
  return [
    ...headers.flatMap((name, index) => headerProblem(name, [key, 'headers', index]) ?? []),
    ...query.flatMap((name, index) =>
      name === '' ? [{ place: [key, 'query', index], message: 'must be the name of a query value; got ""' }] : [],
    ),
    ...body.flatMap((pointer, index) => pointerProblem(pointer, [key, 'body', index])),
  ];
}

function pointerProblem(pointer: string, place: RecordProblem['place']): RecordProblem[] {
  if (parsePointer(pointer) !== undefined) return [];
  const message = `must be a JSON pointer that begins with "/", like "/customer/email" or "/items/*/note"; got "${pointer}"`;
  return [{ place, message }];
}

function onlyProblems(only: readonly string[] | undefined): RecordProblem[] {
  const place = ['capture', 'only'];
  if (only?.length === 0) return [{ place, message: 'must hold at least 1 JSON pointer; got none' }];
  return (only ?? []).flatMap((pointer, index) => pointerProblem(pointer, [...place, index]));
}

/** What is both redacted and pseudonymized would be redacted, which somebody did not mean. */
function twice(redact: FieldNamesInput, pseudonymize: FieldNamesInput): RecordProblem[] {
  return (['headers', 'query', 'body'] as const).flatMap((kind) => {
    const redacted = new Set(redact[kind]?.map((name) => name.toLowerCase()));
    return (pseudonymize[kind] ?? []).flatMap((name, index) =>
      redacted.has(name.toLowerCase())
        ? [{ place: ['pseudonymize', kind, index], message: `must not stand under redact too; got "${name}"` }]
        : [],
    );
  });
}

function forwardedForProblem({ headers = [] }: FieldNamesInput): RecordProblem[] {
  return headers.flatMap((name, index) => {
    if (name.toLowerCase() !== 'x-forwarded-for') return [];
    const message =
      'can be redacted only, since its place in the event takes addresses of 40 characters; got "x-forwarded-for"';
    return [{ place: ['pseudonymize', 'headers', index], message }];
  });
}

function captureProblems(
  capture: CaptureInput | undefined,
  key: 'request' | 'response',
  hasOnly: boolean,
): RecordProblem[] {
  const { contentTypes, maxBytes, acceptRisk } = capture ?? {};
  const place = ['capture', key];
  const problems: RecordProblem[] = [];
  if (contentTypes?.length === 0) {
    problems.push({ place: [...place, 'contentTypes'], message: 'must hold at least 1 content type; got none' });
  }
  contentTypes?.forEach((type, index) => {
    if (/^[\w!#$&^.+*-]{1,100}\/[\w!#$&^.+*-]{1,100}$/.test(type)) return;
    const message = `must be a content type without parameters, like "application/json" or "text/*"; got "${type}"`;
    problems.push({ place: [...place, 'contentTypes', index], message });
  });
  problems.push(...unparsedProblems(contentTypes ?? [], acceptRisk, [...place], hasOnly));
  if (maxBytes !== undefined && !(Number.isInteger(maxBytes) && maxBytes >= 1 && maxBytes <= MAX_CAPTURE_BYTES)) {
    problems.push({ place: [...place, 'maxBytes'], message: `must be from 1 byte to 1 MiB; got ${maxBytes} bytes` });
  }
  return problems;
}

/** Types other than JSON and forms are captured only by a route that accepts in words what that means. */
function unparsedProblems(
  contentTypes: readonly string[],
  acceptRisk: string | undefined,
  place: string[],
  hasOnly: boolean,
): RecordProblem[] {
  if (acceptRisk !== undefined && acceptRisk !== ACCEPTED_RISK) {
    return [{ place: [...place, 'acceptRisk'], message: `must be "${ACCEPTED_RISK}"; got "${acceptRisk}"` }];
  }
  return contentTypes.flatMap((type, index) => {
    if (!type.includes('/') || type.includes(';') || isParsedType(type.toLowerCase())) return [];
    const at = [...place, 'contentTypes', index];
    if (hasOnly)
      return [{ place: at, message: `must be JSON or a form, of which "only" can keep parts; got "${type}"` }];
    if (acceptRisk !== undefined) return [];
    const message =
      `must be JSON ("application/json", "application/*+json") or a form ("application/x-www-form-urlencoded"), in which ` +
      `secrets are found by name; in other types they may be missed, and acceptRisk must be "${ACCEPTED_RISK}"; got "${type}"`;
    return [{ place: at, message }];
  });
}

/** They would say that something is kept out of what is not kept at all. */
function pointersWithoutCapture({ redact, pseudonymize, capture }: RecordInput): RecordProblem[] {
  if (capture?.request !== undefined || capture?.response !== undefined) return [];
  const message = 'must go with capture: bodies of this route are not recorded; got pointers without capture';
  return [
    ...(redact?.body?.length ? [{ place: ['redact', 'body'], message }] : []),
    ...(pseudonymize?.body?.length ? [{ place: ['pseudonymize', 'body'], message }] : []),
    ...(capture?.only?.length
      ? [{ place: ['capture', 'only'], message: message.replace('capture:', 'request or response:') }]
      : []),
  ];
}
