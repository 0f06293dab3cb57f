import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Chain, type SealedEvent } from '../../lib/event/chain';
import { lastResortLines } from '../../lib/event/last-resort';
import { runCli, type CliResult } from '../support/run-cli';
import { attempt } from '../support/sample-event';

// Functions put one event at a time. Batches are what `audit-proxy recover` sends, by AWS's own client.

/** What becomes of a batch: its answer by record, undefined for a record that is taken; or of the whole. */
type Fate = 'throttled' | 'reset_after' | ((line: string) => string | undefined);

const COUNT = 700;
const events = sealed(COUNT);

/** Lines that were persisted, in the order in which they came; a batch's fate is drawn by its number. */
let persisted: string[];
let batches: number;
let fate: (batch: number) => Fate;
let server: http.Server;
let folder: string;

beforeEach(async () => {
  persisted = [];
  batches = 0;
  server = http.createServer((request, response) => void serve(request, response)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  folder = await mkdtemp(path.join(tmpdir(), 'audit-proxy-batches-'));
});

afterEach(async () => {
  server.close();
  server.closeAllConnections();
  await rm(folder, { recursive: true, force: true });
});

describe('what took the last resort, replayed through a stream that takes a part of a batch', () => {
  it('sends again what was not taken, and only that', async () => {
    fate = (batch) => (batch <= 2 ? (line) => (numberOf(line) % 3 === 0 ? 'ServiceUnavailableException' : undefined) : takeAll); // prettier-ignore
    const { code, stdout, stderr } = await recover();
    expect(code, stdout + stderr).toBe(0);
    expect([...persisted].sort()).toEqual(events.map(({ line }) => line).sort());
  });

  it('sends a batch again that was refused whole, or whose acknowledgement was lost', async () => {
    fate = (batch) => (['throttled', 'reset_after'] as const)[batch - 1] ?? takeAll;
    const { code, stdout, stderr } = await recover();
    expect(code, stdout + stderr).toBe(0);
    expect(persisted.length).toBeGreaterThan(COUNT);
    expect([...new Set(persisted)].sort()).toEqual(events.map(({ line }) => line).sort());
  });
});

function takeAll(): undefined {
  return undefined;
}

function sealed(count: number): SealedEvent[] {
  const chain = new Chain('chain-1');
  return Array.from({ length: count }, (_, i) => chain.seal(attempt(i)));
}

function numberOf(line: string): number {
  return (JSON.parse(line) as SealedEvent['event']).metadata.sequence;
}

async function recover(): Promise<CliResult> {
  const log = path.join(folder, 'function.log');
  await writeFile(log, events.flatMap((event) => lastResortLines(event, 'down')).join('\n'));
  return runCli(['recover', log, '--stream', 'events-0', '--region', 'eu-west-1'], {
    env: {
      AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
      AWS_SECRET_ACCESS_KEY: 'secret',
      AWS_ENDPOINT_URL_FIREHOSE: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    },
  });
}

async function serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
  const { Records } = (await json(request)) as { Records: { Data: string }[] };
  const chosen = fate((batches += 1));
  response.setHeader('Content-Type', 'application/x-amz-json-1.1');
  if (chosen === 'throttled') {
    response.writeHead(400).end(JSON.stringify({ __type: 'ThrottlingException', message: 'Rate exceeded' }));
    return;
  }
  const lines = Records.map(({ Data }) => Buffer.from(Data, 'base64').toString().replace(/\n$/, ''));
  const codes = lines.map((line) => (chosen === 'reset_after' ? undefined : chosen(line)));
  persisted.push(...lines.filter((_, i) => codes[i] === undefined));
  if (chosen === 'reset_after') {
    request.socket.resetAndDestroy();
    return;
  }
  const RequestResponses = codes.map((ErrorCode, i) =>
    ErrorCode === undefined ? { RecordId: `record-${batches}-${i}` } : { ErrorCode, ErrorMessage: 'not taken' },
  );
  const FailedPutCount = codes.filter((code) => code !== undefined).length;
  response.end(JSON.stringify({ FailedPutCount, Encrypted: true, RequestResponses }));
}
