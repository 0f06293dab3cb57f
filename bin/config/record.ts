import { checkRecord, type CaptureInput, type FieldNamesInput, type RecordInput } from '../../lib/routing/record';
import type { Problem } from './problem';
import type { RawCapture, RawRecord } from './raw-config';
import { parseSize } from './units';

/** What a route of the file says of recording, in the words of the checks. */
export function recordInput({ capture, ...rest }: RawRecord): RecordInput {
  return {
    ...rest,
    ...(capture && {
      capture: { request: captureInput(capture.request), response: captureInput(capture.response), only: capture.only },
    }),
  };
}

function captureInput(raw: boolean | RawCapture | undefined): CaptureInput | undefined {
  if (raw === undefined || raw === false) return undefined;
  if (raw === true) return {};
  const { contentTypes, acceptRisk } = raw;
  return { contentTypes, acceptRisk, maxBytes: raw.maxSize === undefined ? undefined : parseSize(raw.maxSize) };
}

/** Checks what a JSON Schema cannot say of it. What does not even have the right type is passed over. */
export function recordProblems(record: unknown): Problem[] {
  const { headers, redact, pseudonymize, capture } = asObject(record);
  const { request, response, only } = asObject(capture);
  return checkRecord({
    headers: texts(headers),
    redact: fieldNames(redact),
    pseudonymize: fieldNames(pseudonymize),
    capture: { request: captureOf(request), response: captureOf(response), only: texts(only) },
  }).map(({ place, message }) => ({
    place: place.map((part) => (part === 'maxBytes' ? 'maxSize' : part)),
    message,
  }));
}

function fieldNames(raw: unknown): FieldNamesInput {
  const { headers, query, body } = asObject(raw);
  return { headers: texts(headers), query: texts(query), body: texts(body) };
}

function captureOf(raw: unknown): CaptureInput | undefined {
  if (typeof raw === 'boolean') return captureInput(raw);
  if (typeof raw !== 'object' || raw === null) return undefined;
  const { contentTypes, maxSize, acceptRisk } = asObject(raw);
  return {
    contentTypes: texts(contentTypes),
    acceptRisk: typeof acceptRisk === 'string' ? acceptRisk : undefined,
    maxBytes: typeof maxSize === 'string' ? parseSize(maxSize) : undefined,
  };
}

/** A list with anything else in it is the schema's affair. */
function texts(raw: unknown): string[] | undefined {
  return Array.isArray(raw) && raw.every((entry) => typeof entry === 'string') ? raw : undefined;
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
