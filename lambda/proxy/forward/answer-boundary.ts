import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Ends a head, and every chunked body. */
const BLANK_LINE = Buffer.from('\r\n\r\n');
const INTERIM = /^HTTP\/1\.[01] 1\d\d/;

const boundaries = new WeakMap<Socket, AnswerBoundary>();

/** Starts to hold what is read on a connection against one request. */
export function expectAnswer(socket: Socket, request: ClientRequest): void {
  const boundary = boundaries.get(socket) ?? new AnswerBoundary(socket);
  boundaries.set(socket, boundary);
  boundary.expect(request);
}

/** Whether exactly one whole answer was read on a connection. From then on, any further byte destroys it. */
export function endedWithAnswer(socket: Socket): boolean {
  return boundaries.get(socket)?.ends() ?? false;
}

/**
 * Counts the bytes that are read on a connection, since node:http does not tell where an answer ends: it drops the beginning
 * of a second head without a word, and reads over what comes while nobody waits. What comes after an answer was never asked
 * for, and would be taken for the answer to the next request.
 */
class AnswerBoundary {
  private request: ClientRequest | undefined;
  private answer: IncomingMessage | undefined;
  private head: Buffer[] = [];
  private length = 0;
  private tail: Buffer = Buffer.alloc(0);
  /** Where the answer ends; undefined if only its last bytes tell, NaN if it cannot be known. */
  private end: number | undefined = NaN;

  constructor(private readonly socket: Socket) {
    // Before node:http's own listener: whether the answer was complete must be known as it was before these bytes.
    socket.prependListener('data', (bytes: Buffer) => this.read(bytes));
  }

  expect(request: ClientRequest): void {
    this.request = request;
    this.answer = undefined;
    this.head = [];
    this.length = 0;
    this.tail = Buffer.alloc(0);
    this.end = NaN;
    // Comes while node:http reads the bytes in which the head ends.
    request.prependOnceListener('response', (answer: IncomingMessage) => this.begins(answer));
  }

  ends(): boolean {
    const { answer, end } = this;
    this.request = undefined;
    if (!answer?.complete) return false;
    return end === undefined ? this.tail.equals(BLANK_LINE) : this.length === end;
  }

  private read(bytes: Buffer): void {
    if (this.request === undefined || this.answer?.complete) {
      this.socket.destroy();
      return;
    }
    this.length += bytes.length;
    this.tail = Buffer.concat([this.tail, bytes.subarray(-BLANK_LINE.length)]).subarray(-BLANK_LINE.length);
    if (this.answer === undefined) this.head.push(bytes);
  }

  private begins(answer: IncomingMessage): void {
    this.answer = answer;
    const start = bodyStart(Buffer.concat(this.head));
    this.head = [];
    const { statusCode, headers } = answer;
    const isBodiless = this.request?.method === 'HEAD' || statusCode === 204 || statusCode === 304;
    if (isBodiless) this.end = start;
    else if (headers['transfer-encoding'] !== undefined) this.end = undefined;
    else this.end = start + Number(headers['content-length'] ?? NaN);
  }
}

/** Where the final head ends, behind the interim ones (1xx); NaN if its lines do not end as HTTP says. */
function bodyStart(bytes: Buffer): number {
  for (let start = 0; ;) {
    const end = bytes.indexOf(BLANK_LINE, start);
    if (end < 0) return NaN;
    if (!INTERIM.test(bytes.toString('latin1', start, start + 12))) return end + BLANK_LINE.length;
    start = end + BLANK_LINE.length;
  }
}
