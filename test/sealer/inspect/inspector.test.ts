import { createHash, randomBytes, randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import { toParquet } from '../../../bin/local/delivery/parquet';
import { Inspector } from '../../../lambda/sealer/inspect/inspector';
import type { ObjectSource } from '../../../lambda/sealer/inspect/object-source';
import { Chain, type SealedEvent } from '../../../lib/event/chain';
import type { AuditEvent } from '../../../lib/event/schema';
import { eventsRoot } from '../../../lib/ledger';
import { randomDraft, sealRandom } from '../../support/random-event';
import { sealRequest } from '../../support/sample-events';

const PARQUET = { key: 'events/dt=2026-11-24/hour=07/a.parquet', versionId: 'v1' };
const LINES = { key: 'fallback/dt=2026-11-24/hour=07/a.json', versionId: 'v1' };

/** Bytes that can be read, and what was read of them. */
class Bytes implements ObjectSource {
  rangeBytes = 0;
  rangeError: Error | undefined;
  private readonly bytes: Buffer;

  constructor(
    bytes: Uint8Array | string,
    private readonly size?: number,
  ) {
    this.bytes = Buffer.from(bytes);
  }

  async open() {
    const { bytes } = this;
    return {
      size: this.size ?? bytes.length,
      chunks: (async function* () {
        for (let at = 0; at < bytes.length; at += 65_536) yield bytes.subarray(at, at + 65_536);
      })(),
      range: async (start: number, end: number) => {
        if (this.rangeError !== undefined) throw this.rangeError;
        this.rangeBytes += end - start;
        return bytes.subarray(start, end);
      },
    };
  }
}

const inspect = (bytes: Uint8Array | string, version = PARQUET) => new Inspector(new Bytes(bytes)).inspect(version);

function events(count: number): SealedEvent[] {
  const chain = new Chain(randomUUID());
  return Array.from({ length: count }, () => sealRequest(chain)).flat();
}

const fingerprints = (sealed: readonly SealedEvent[]) => sealed.map(({ fingerprint }) => fingerprint);
const parquetOf = (sealed: readonly SealedEvent[]) => toParquet(sealed.map(({ event }) => event));

describe('an object', () => {
  it('has a size and a SHA-256, and nothing else where it holds no events', async () => {
    for (const key of ['edge/dt=2026-11-24/hour=07/a.parquet', 'errors/x/a', 'payloads/ab', 'events/readme.txt']) {
      const facts = await inspect('abc', { key, versionId: 'v1' });
      expect(facts).toEqual({ size: 3, sha256: createHash('sha256').update('abc').digest('hex') });
    }
  });

  it('is not sealed while less of it comes than there is', async () => {
    const source = new Bytes('abc', 5);
    await expect(new Inspector(source).inspect(PARQUET)).rejects.toThrow('3 bytes came instead of 5');
  });

  it('may not be there', async () => {
    expect(await new Inspector({ open: async () => undefined }).inspect(PARQUET)).toBeUndefined();
  });
});

describe('the events in Parquet', () => {
  it('are told of in file order', async () => {
    const sealed = events(20).reverse();
    const bytes = parquetOf(sealed);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    const expected = { size: bytes.length, sha256, events: eventsRoot(fingerprints(sealed)) };
    expect(await inspect(bytes)).toEqual(expected);
  });

  it('are found among any other fields', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomDraft(), { minLength: 1, maxLength: 4 }), async (drafts) => {
        const sealed = sealRandom(drafts);
        expect((await inspect(parquetOf(sealed)))?.events).toEqual(eventsRoot(fingerprints(sealed)));
      }),
      { numRuns: 8 },
    );
  });

  it('may be none', async () => {
    expect((await inspect(parquetOf([])))?.events).toEqual(eventsRoot([]));
  });

  it('are read in several row groups, and in memory up to a size', async () => {
    const sealed = events(700);
    const rows = sealed.map(({ event }) => event);
    const noise = rows.map(() => randomBytes(3_072).toString('base64'));
    const bytes = Buffer.from(
      parquetWriteBuffer({
        columnData: [
          { name: 'message', data: noise },
          { name: 'attestation_list', data: rows.map(({ attestation_list }) => attestation_list) },
          { name: 'status_detail', data: noise },
        ],
        schema: [
          { name: 'root', num_children: 3 },
          { name: 'message', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'attestation_list', repetition_type: 'OPTIONAL', converted_type: 'LIST', num_children: 1 },
          { name: 'list', repetition_type: 'REPEATED', num_children: 1 },
          { name: 'element', repetition_type: 'OPTIONAL', num_children: 2 },
          { name: 'chain_uid', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'fingerprint', repetition_type: 'OPTIONAL', num_children: 2 },
          { name: 'algorithm', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'value', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
          { name: 'status_detail', type: 'BYTE_ARRAY', converted_type: 'UTF8', repetition_type: 'OPTIONAL' },
        ],
        codec: 'SNAPPY',
        rowGroupSize: 500,
      }),
    );
    expect(bytes.length).toBeGreaterThan(4 * 1024 * 1024);
    const source = new Bytes(bytes);
    expect((await new Inspector(source).inspect(PARQUET))?.events).toEqual(eventsRoot(fingerprints(sealed)));
    expect(source.rangeBytes).toBe(0);
  });

  it('cannot be read where it is none, was cut off, or got bytes after its end', async () => {
    const bytes = Buffer.from(parquetOf(events(3)));
    for (const bad of [
      '',
      'PAR1',
      'no Parquet at all',
      bytes.subarray(0, -1),
      Buffer.concat([bytes, Buffer.from('x')]),
    ]) {
      const facts = await inspect(bad);
      expect(facts).toEqual({ size: bad.length, sha256: expect.any(String), unreadable: expect.any(String) });
    }
  });

  it('cannot be read where a row has no fingerprint, or several', async () => {
    const [first, second] = events(1) as [SealedEvent, SealedEvent];
    const attestation = second.event.attestation_list[0];
    const odd = (attestation_list: unknown) =>
      toParquet([first.event, { ...second.event, attestation_list } as AuditEvent]);
    const reasons = await Promise.all(
      [
        undefined,
        [],
        [attestation, attestation],
        [{ chain_uid: 'x' }],
        [{ ...attestation, fingerprint: { value: 'AB' } }],
      ].map(async (list) => (await inspect(odd(list)))?.unreadable),
    );
    const [one, none] = ['an event has not exactly one attestation', 'an event has no fingerprint'];
    expect(reasons).toEqual([one, one, one, none, none]);
  });

  it('are read another time where reading fails', async () => {
    const source = new Bytes(Buffer.alloc(65 * 1024 * 1024));
    source.rangeError = new Error('connection reset');
    await expect(new Inspector(source).inspect(PARQUET)).rejects.toThrow('connection reset');
  });
});

describe('the events in lines of JSON', () => {
  it('are told of in file order', async () => {
    const sealed = events(2);
    const text = sealed.map(({ line }) => `${line}\n`).join('');
    expect((await inspect(text, LINES))?.events).toEqual(eventsRoot(fingerprints(sealed)));
    expect((await inspect(sealed[0]!.line, LINES))?.events).toEqual(eventsRoot(fingerprints(sealed.slice(0, 1))));
  });

  it('cannot be read where a line is no event', async () => {
    const [{ line }] = events(1) as [SealedEvent];
    for (const bad of ['{', 'null\n', '{}\n', `${line}\n[]\n`, Buffer.from([0xff, 0x0a])]) {
      expect((await inspect(bad, LINES))?.unreadable, String(bad)).toEqual(expect.any(String));
    }
  });
});

it('reads at most two large objects at a time', async () => {
  let open = 0;
  let most = 0;
  const source: ObjectSource = {
    open: async () => ({
      size: 5 * 1024 * 1024,
      chunks: (async function* () {
        most = Math.max(most, (open += 1));
        await new Promise((resolve) => setTimeout(resolve, 1));
        yield Buffer.alloc(5 * 1024 * 1024);
        open -= 1;
      })(),
      range: async (start, end) => Buffer.alloc(end - start),
    }),
  };
  const inspector = new Inspector(source);
  const facts = await Promise.all(Array.from({ length: 8 }, () => inspector.inspect(PARQUET)));
  expect(facts.every((fact) => fact?.unreadable !== undefined)).toBe(true);
  expect(most).toBe(2);
});
