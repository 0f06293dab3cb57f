import net from 'node:net';
import type { ALBResult, APIGatewayProxyResult, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { Problem } from '../../lambda/proxy/problem';
import type { HeaderPair } from '../../lib/event/privacy/headers';
import type { FakeCaller } from '../support/fake-caller';

/** What a caller gets. */
export interface GotAnswer {
  readonly status: number;
  readonly headers: readonly HeaderPair[];
  readonly body: Buffer;
  /** Bytes that came behind the answer: another answer, for a request that nobody made. */
  readonly surplus: Buffer;
  /** Why the answer is not whole, where it is not. */
  readonly brokenOff?: string | undefined;
}

type Result = APIGatewayProxyResult | APIGatewayProxyStructuredResultV2 | ALBResult;

/** The answer that a function's result stands for. */
export function answerOfResult(result: Result): GotAnswer {
  const { headers = {}, multiValueHeaders = {} } = result as APIGatewayProxyResult;
  const { cookies = [] } = result as APIGatewayProxyStructuredResultV2;
  return {
    status: result.statusCode ?? 0,
    headers: [
      ...Object.entries(headers).map(([name, value]): HeaderPair => [name, String(value)]),
      ...Object.entries(multiValueHeaders).flatMap(([name, values]) => (values ?? []).map((value): HeaderPair => [name, String(value)])), // prettier-ignore
      ...cookies.map((cookie): HeaderPair => ['set-cookie', cookie]),
    ],
    body: Buffer.from(result.body ?? '', result.isBase64Encoded ? 'base64' : 'utf8'),
    surplus: Buffer.alloc(0),
  };
}

/** The answer that a caller has read of a stream. */
export function answerOfStream({ prelude, body }: FakeCaller, failure: unknown): GotAnswer {
  const { headers, ...result } = answerOfResult({ ...prelude, body: '' } as APIGatewayProxyResult);
  return { ...result, headers, body, brokenOff: failure instanceof Problem ? failure.code : undefined };
}

/** How long more bytes may take that must not come, in milliseconds: from the same process over loopback. */
const SURPLUS_MS = 15;

/**
 * Sends bytes and reads one answer, and whatever else comes. Interim answers (1xx) are read over. Status 0 where the
 * connection is closed without an answer.
 */
export function exchange(port: number, wire: Buffer, expectsSurplus: boolean): Promise<GotAnswer> {
  return new Promise((resolve) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(wire));
    let bytes = Buffer.alloc(0);
    let timer: NodeJS.Timeout | undefined;
    const isHead = wire.subarray(0, 5).toString() === 'HEAD ';
    const finish = (): void => {
      clearTimeout(timer);
      socket.destroy();
      const answer = parse(bytes, isHead);
      resolve(answer ?? { status: 0, headers: [], body: Buffer.alloc(0), surplus: bytes });
    };
    socket.on('data', (part) => {
      bytes = Buffer.concat([bytes, part]);
      if (timer === undefined && parse(bytes, isHead) !== undefined) timer = setTimeout(finish, expectsSurplus ? SURPLUS_MS : 0); // prettier-ignore
    });
    socket.on('error', () => undefined);
    socket.on('close', finish);
  });
}

function parse(bytes: Buffer, isHead: boolean): GotAnswer | undefined {
  const end = bytes.indexOf('\r\n\r\n');
  if (end === -1) return undefined;
  const [line = '', ...lines] = bytes.subarray(0, end).toString('latin1').split('\r\n');
  const status = Number(line.split(' ')[1]);
  const rest = bytes.subarray(end + 4);
  if (status < 200) return parse(rest, isHead);
  const headers = lines.map((text): HeaderPair => [text.slice(0, text.indexOf(':')), text.slice(text.indexOf(':') + 1).trim()]); // prettier-ignore
  const told = Number(headers.find(([name]) => name.toLowerCase() === 'content-length')?.[1] ?? 0);
  const length = isHead || status === 204 || status === 304 ? 0 : told;
  if (rest.length < length) return undefined;
  return { status, headers, body: rest.subarray(0, length), surplus: rest.subarray(length) };
}
