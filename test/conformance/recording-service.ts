import net from 'node:net';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import { startRawService, type Service } from '../support/services';

/** A request as its bytes came. */
export interface Seen {
  readonly line: string;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
}

/** A service on a raw socket: it keeps the exact bytes of each request, and answers the bytes that it was given. */
export class RecordingService {
  readonly seen: Seen[] = [];
  /** Ends in `<close>` to have the connection closed after it. */
  answer: Buffer = Buffer.alloc(0);
  private readonly pending = new Map<net.Socket, Buffer>();

  private constructor(private service: Service | undefined) {}

  static async start(): Promise<RecordingService> {
    const recording = new RecordingService(undefined);
    recording.service = await startRawService((socket, data) => recording.take(socket, data));
    return recording;
  }

  get url(): string {
    return this.service!.url;
  }

  get host(): string {
    return `127.0.0.1:${this.service!.port}`;
  }

  async stop(): Promise<void> {
    await this.service!.stop();
  }

  private take(socket: net.Socket, data: Buffer): void {
    let bytes = Buffer.concat([this.pending.get(socket) ?? Buffer.alloc(0), data]);
    for (;;) {
      const end = bytes.indexOf('\r\n\r\n');
      if (end === -1) break;
      const [line = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
      const headers = lines.map((text): HeaderPair => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1).trim()]); // prettier-ignore
      const length = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0);
      if (bytes.length < end + 4 + length) break;
      this.seen.push({ line, headers, body: bytes.subarray(end + 4, end + 4 + length) });
      bytes = bytes.subarray(end + 4 + length);
      this.reply(socket);
    }
    this.pending.set(socket, bytes);
  }

  private reply(socket: net.Socket): void {
    const closes = this.answer.subarray(-7).toString('latin1') === '<close>';
    socket.write(closes ? this.answer.subarray(0, -7) : this.answer);
    if (closes) socket.end();
  }
}
