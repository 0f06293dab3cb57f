import { crc32 } from 'node:zlib';

/**
 * The file format of the write-ahead log. A segment is a header, then one frame a record:
 *
 *     length of the payload   4 bytes, big-endian
 *     CRC-32 of the payload   4 bytes, big-endian
 *     payload                 arrival (8 bytes, epoch milliseconds), length of the stream's name (1), name, data
 *
 * What a crash cut off while it was being written has the wrong length or checksum. It was never acknowledged, since
 * an acknowledgement waits for the sync of the whole frame.
 */

/** A record as a producer put it. */
export interface StreamRecord {
  readonly stream: string;
  /** When it arrived, epoch milliseconds. */
  readonly arrival: number;
  readonly data: Buffer;
}

export const SEGMENT_HEADER = Buffer.from('APWAL-1\n', 'latin1');

const FRAME_HEADER = 8;
const PAYLOAD_HEADER = 9;
/** Longer than any record can be; a length beyond it is no length. */
const MAX_PAYLOAD = 2 * 1024 * 1024;

export function encodeFrame({ stream, arrival, data }: StreamRecord): Buffer {
  const name = Buffer.from(stream, 'latin1');
  const length = PAYLOAD_HEADER + name.length + data.length;
  if (length > MAX_PAYLOAD || name.length > 255) throw new RangeError(`a record of ${length} bytes is too long`);
  const frame = Buffer.allocUnsafe(FRAME_HEADER + length);
  const payload = frame.subarray(FRAME_HEADER);
  payload.writeBigUInt64BE(BigInt(arrival), 0);
  payload.writeUInt8(name.length, 8);
  name.copy(payload, PAYLOAD_HEADER);
  data.copy(payload, PAYLOAD_HEADER + name.length);
  frame.writeUInt32BE(length, 0);
  frame.writeUInt32BE(crc32(payload), 4);
  return frame;
}

export interface DecodedSegment {
  readonly records: readonly StreamRecord[];
  /** Bytes up to the end of the last whole frame. */
  readonly whole: number;
  /** Bytes after it that make no frame: a torn tail. */
  readonly torn: number;
}

/** @throws Error if the bytes are something else than a segment of this version. */
export function decodeSegment(bytes: Buffer): DecodedSegment {
  const header = bytes.subarray(0, SEGMENT_HEADER.length);
  if (!header.equals(SEGMENT_HEADER.subarray(0, header.length))) throw new Error('not a write-ahead segment');
  if (header.length < SEGMENT_HEADER.length) return { records: [], whole: 0, torn: header.length };

  const records: StreamRecord[] = [];
  let at = SEGMENT_HEADER.length;
  for (let payload = payloadAt(bytes, at); payload !== undefined; payload = payloadAt(bytes, at)) {
    records.push(decodePayload(payload));
    at += FRAME_HEADER + payload.length;
  }
  return { records, whole: at, torn: bytes.length - at };
}

function payloadAt(bytes: Buffer, at: number): Buffer | undefined {
  if (bytes.length - at < FRAME_HEADER) return undefined;
  const length = bytes.readUInt32BE(at);
  const end = at + FRAME_HEADER + length;
  if (length < PAYLOAD_HEADER || length > MAX_PAYLOAD || end > bytes.length) return undefined;
  const payload = bytes.subarray(at + FRAME_HEADER, end);
  if (crc32(payload) !== bytes.readUInt32BE(at + 4)) return undefined;
  return payload;
}

function decodePayload(payload: Buffer): StreamRecord {
  const start = PAYLOAD_HEADER + payload.readUInt8(8);
  return {
    arrival: Number(payload.readBigUInt64BE(0)),
    stream: payload.toString('latin1', PAYLOAD_HEADER, start),
    data: payload.subarray(start),
  };
}
