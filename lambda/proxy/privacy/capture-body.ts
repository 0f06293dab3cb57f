import type { BodyRules } from '../../../lib/event/privacy/body-rules';
import type { HeaderPair } from '../../../lib/event/privacy/headers';
import { isParsedType } from '../../../lib/event/privacy/parsed-type';
import { redactBody } from '../../../lib/event/privacy/redact-body';
import type { NotCaptured } from '../../../lib/event/schema';
import { ACCEPTED_RISK, type CaptureRules } from '../../../lib/routing/record';
import { decodeBody, mediaTypeOf } from './decode-body';

/** A body as it may be kept, or why it is not. */
export type Captured =
  { readonly bytes: Buffer; readonly mediaType: string; readonly isCut: boolean } | { readonly problem: NotCaptured };

/** Decompresses, redacts and cuts a body, in this order: what is cut can no more be read as what it is. */
export function captureBody(
  body: Buffer | undefined,
  headers: readonly HeaderPair[],
  { contentTypes, maxBytes, acceptRisk }: CaptureRules,
  rules: BodyRules,
): Captured {
  const mediaType = mediaTypeOf(headers);
  if (mediaType === undefined || !contentTypes.some((pattern) => fits(mediaType, pattern))) {
    return { problem: 'content_type' };
  }
  if (!isParsedType(mediaType) && acceptRisk !== ACCEPTED_RISK) return { problem: 'content_type' };
  const decoded = decodeBody(body, headers);
  if ('problem' in decoded) return decoded;
  const redacted = redactBody(decoded.text, mediaType, rules);
  if ('problem' in redacted) return redacted;
  const bytes = Buffer.from(redacted.text);
  return { bytes: cut(bytes, maxBytes), mediaType, isCut: bytes.length > maxBytes };
}

function fits(mediaType: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.+^$]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^/]*')}$`).test(mediaType);
}

/** At most so many bytes, without splitting a character of UTF-8. */
export function cut(bytes: Buffer, maxBytes: number): Buffer {
  let end = Math.min(bytes.length, maxBytes);
  // Bytes within a character are 10xxxxxx.
  while (end > 0 && end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end -= 1;
  return bytes.subarray(0, end);
}
