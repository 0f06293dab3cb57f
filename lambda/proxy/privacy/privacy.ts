import { createHash } from 'node:crypto';
import type { EventDraft } from '../../../lib/event/chain';
import { payloadKey } from '../../../lib/event/keys';
import type { BodyRules } from '../../../lib/event/privacy/body-rules';
import type { FieldRules, Treatment } from '../../../lib/event/privacy/field-rules';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { parsePointer } from '../../../lib/event/privacy/pointer';
import type { Pseudonyms } from '../../../lib/event/privacy/pseudonym';
import { needsPseudonyms, type CaptureRules, type FieldNames, type RecordRules } from '../../../lib/routing/record';
import type { Route } from '../../../lib/routing/route';
import type { NewObject } from '../../recorder/aws/put-object';
import { withinLimit, type Clock } from '../../recorder/clock';
import { reasonOf, type Sink } from '../../recorder/sink';
import { captureBody, cut, type Captured } from './capture-body';

/**
 * Most bytes of a captured body that lie in its event. An event is billed by every 5 KiB, and read by every query; two bodies
 * of this size, escaped in the worst way (7 characters a byte), still leave it far below Firehose's 1,000 KiB.
 */
export const MAX_INLINE_BYTES = 32 * 1024;

/** A message with its body, as it travelled. */
export interface Message {
  readonly headers: readonly HeaderPair[];
  /** Undefined where it was longer than `MAX_CAPTURE_BYTES`, and not kept. */
  readonly body: Buffer | undefined;
}

export interface PrivacyOptions {
  /** Undefined where no route has any. */
  readonly pseudonyms: Pseudonyms | undefined;
  /** Takes bodies that are too large for their event. */
  readonly payloads: Sink<NewObject>;
  readonly clock: Clock;
}

type BodyFields = NonNullable<EventDraft['unmapped']['request_body']>;

/** What routes say of what is recorded and what is not. */
export class Privacy {
  private readonly byPath: ReadonlyMap<string, RouteRules>;

  /** @throws Error if a route has pseudonyms and there is no key for them */
  constructor(
    routes: readonly Route[],
    private readonly options: PrivacyOptions,
  ) {
    this.byPath = new Map(
      routes.flatMap(({ path, record }) =>
        record === undefined ? [] : [[path, rulesOf(path, record, options.pseudonyms)] as const],
      ),
    );
  }

  /** What a route says of headers and query values; undefined where it says nothing. */
  fieldRules({ path }: Route): FieldRules | undefined {
    return this.byPath.get(path);
  }

  capturesAnswers({ path }: Route): boolean {
    return this.byPath.get(path)?.capture.response !== undefined;
  }

  /**
   * Adds captured bodies to an outcome, where the route asks for them. Never rejects: an event that cannot have them says
   * so.
   *
   * @param limitMs longest time that storing a large body may take
   */
  async withBodies(
    draft: EventDraft,
    { path }: Route,
    request: Message,
    answer: Message,
    limitMs: number,
  ): Promise<EventDraft> {
    const rules = this.byPath.get(path);
    if (rules === undefined) return draft;
    const { unmapped } = draft;
    const [request_body, response_body] = await Promise.all([
      this.withBody(unmapped.request_body, request, rules.capture.request, { rules, time: draft.time, limitMs }),
      this.withBody(unmapped.response_body, answer, rules.capture.response, { rules, time: draft.time, limitMs }),
    ]);
    return { ...draft, unmapped: { ...unmapped, request_body, response_body } };
  }

  private async withBody(
    facts: BodyFields | undefined,
    { headers, body }: Message,
    capture: CaptureRules | undefined,
    { rules, time, limitMs }: { rules: BodyRules; time: number; limitMs: number },
  ): Promise<BodyFields | undefined> {
    if (facts === undefined || capture === undefined || body?.length === 0) return facts;
    try {
      const captured = captureBody(body, headers, capture, rules);
      if ('problem' in captured) return { ...facts, not_captured: captured.problem };
      return { ...facts, ...(await this.kept(captured, time, limitMs)) };
    } catch (error) {
      // Not the error itself: it may quote the body.
      console.error(`capturing a body failed: ${error instanceof Error ? error.name : 'unknown error'}`);
      return { ...facts, not_captured: 'failed' };
    }
  }

  private async kept(
    { bytes, mediaType, isCut }: Exclude<Captured, { problem: unknown }>,
    time: number,
    limitMs: number,
  ): Promise<Partial<BodyFields>> {
    const kept = { captured_length: bytes.length, is_cut: isCut || undefined };
    if (bytes.length <= MAX_INLINE_BYTES) return { ...kept, content: bytes.toString() };
    const { payloads, clock } = this.options;
    const key = payloadKey(time, createHash('sha256').update(bytes).digest('hex'));
    try {
      const object = { key, contentType: mediaType, body: bytes };
      await withinLimit(clock, limitMs, undefined, (signal) => payloads.put(object, signal));
      return { ...kept, payload: key };
    } catch (error) {
      console.error(`a captured body was not stored: ${reasonOf(payloads, error)}`);
      const beginning = cut(bytes, MAX_INLINE_BYTES);
      return {
        captured_length: beginning.length,
        is_cut: true,
        content: beginning.toString(),
        not_captured: 'not_stored',
      };
    }
  }
}

type RouteRules = FieldRules & BodyRules & Pick<RecordRules, 'capture'>;

function rulesOf(path: string, record: RecordRules, pseudonyms: Pseudonyms | undefined): RouteRules {
  if (needsPseudonyms(record) && pseudonyms === undefined) {
    throw new Error(`the route ${path} has pseudonyms, and there is no key for them`);
  }
  const { headers, redact, pseudonymize, capture } = record;
  const treatments = (kind: keyof FieldNames): [string, Treatment][] => [
    ...pseudonymize[kind].map((name): [string, Treatment] => [name, 'pseudonymize']),
    // The later entry holds.
    ...redact[kind].map((name): [string, Treatment] => [name, 'redact']),
  ];
  return {
    headers: new Map([...headers.map((name) => [name, 'record'] as const), ...treatments('headers')]),
    query: new Map(treatments('query')),
    pointers: treatments('body').map(([text, treatment]) => ({ pointer: parsePointer(text) ?? [], treatment })),
    only: capture.only?.map((text) => parsePointer(text) ?? []),
    pseudonym: (value) => pseudonyms!.of(value),
    capture,
  };
}
