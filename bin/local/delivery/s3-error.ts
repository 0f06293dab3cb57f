/**
 * An error as S3 answers it.
 *
 * @see https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html
 */
export class S3Error extends Error {
  override readonly name = 'S3Error';
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  /** The body of the answer. */
  toXml(resource: string, requestId: string): string {
    const fields = { Code: this.code, Message: this.message, Resource: resource, RequestId: requestId };
    const elements = Object.entries(fields).map(([name, text]) => `<${name}>${escapeXml(text)}</${name}>`);
    return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${elements.join('')}</Error>`;
  }
}

/** Also what the caller is not told more of: S3 does not say which statement of a policy denied. */
export function accessDenied(message = 'Access Denied'): S3Error {
  return new S3Error(403, 'AccessDenied', message);
}

/** S3 takes no more for now; the caller should try again. */
export function slowDown(): S3Error {
  return new S3Error(503, 'SlowDown', 'Please reduce your request rate.');
}

/** Characters that a request line cannot bring along raw, but a decoded one may. */
function escapeXml(text: string): string {
  return text.replace(/[<>&"'\x00-\x1f\x7f]/g, (character) => `&#${character.charCodeAt(0)};`);
}
