import { MAX_DEPTH, MAX_LINE_BYTES } from './limits';

const NEWLINE = 0x0a;

/**
 * The values in an object with one of JSON a line, without those that are empty; one after the other, and each bounded in
 * length and depth before it is parsed.
 *
 * @throws Error that says what is wrong with a line
 */
export function* jsonLines(bytes: Uint8Array): Generator<{ readonly text: string; readonly value: unknown }> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  for (let start = 0, number = 1; start < bytes.length; number++) {
    const newline = bytes.indexOf(NEWLINE, start);
    const end = newline === -1 ? bytes.length : newline;
    if (end - start > MAX_LINE_BYTES) throw new Error(`line ${number} has ${end - start} bytes; at most ${MAX_LINE_BYTES}`);
    const line = bytes.subarray(start, end);
    start = end + 1;
    if (line.length === 0) continue;
    checkDepth(line, number);
    try {
      const text = decoder.decode(line);
      yield { text, value: JSON.parse(text) as unknown };
    } catch (error) {
      throw new Error(`line ${number}: ${(error as Error).message}`, { cause: error });
    }
  }
} // prettier-ignore

/** Brackets in texts do not count: they need not match. */
function checkDepth(line: Uint8Array, number: number): void {
  let [depth, isText] = [0, false];
  for (let at = 0; at < line.length; at++) {
    const byte = line[at]!;
    if (isText) {
      if (byte === 0x5c) at += 1;
      else if (byte === 0x22) isText = false;
    } else if (byte === 0x22) isText = true;
    else if (byte === 0x7b || byte === 0x5b) depth += 1;
    else if (byte === 0x7d || byte === 0x5d) depth -= 1;
    if (depth > MAX_DEPTH) throw new Error(`line ${number} has more than ${MAX_DEPTH} levels`);
  }
}
