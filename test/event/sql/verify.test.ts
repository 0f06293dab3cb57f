import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Chain } from '../../../lib/event/chain';
import { fingerprintObject, fingerprintOf } from '../../../lib/event/fingerprint';
import type { AuditEvent } from '../../../lib/event/schema';
import { duckdb } from '../../../lib/event/sql/dialect';
import { verifySql, verifyTotalsSql } from '../../../lib/event/sql/verify';
import { EventTable } from '../../support/event-table';
import { attempt, outcome } from '../../support/sample-event';

describe('verification in SQL', () => {
  let table: EventTable;
  let events: AuditEvent[];

  beforeEach(async () => {
    table = await EventTable.create();
    events = chainOf('chain', 6);
  });
  afterEach(() => table.close());

  /** `code sequence` of every finding. */
  async function findings(rows: readonly unknown[]): Promise<string[]> {
    await table.insert(rows);
    return (await table.query(verifySql(duckdb, 'raw'))).map(({ code, sequence }) => `${code} ${sequence}`);
  }

  it('finds nothing where nothing was done, in whatever order the rows lie', async () => {
    expect(await findings([...[...events].reverse(), ...chainOf('other', 3)])).toEqual([]);
  });

  it('takes a copy of an event for what it is', async () => {
    expect(await findings([...events, events[2], events[2], events[5]])).toEqual([]);
    expect(await table.query(verifyTotalsSql(duckdb, 'raw'))).toEqual([{ events: '6', copies: '3', chains: '1' }]);
  });

  it('finds an edited event, and says where it lies', async () => {
    const edited = { ...events[3]!, actor: { user: { name: 'mallory' } } };
    await table.insert(events.map((event) => (event === events[3] ? edited : event)));
    expect(await table.query(verifySql(duckdb, 'raw'))).toEqual([
      {
        code: 'FINGERPRINT_MISMATCH',
        chain_uid: 'chain',
        sequence: '3',
        uid: 'outcome-1',
        dt: '2026-11-24',
        hour: '07',
        detail: `recorded ${recorded(edited)}, recomputed ${fingerprintOf(edited)}`,
      },
    ]);
  });

  it('finds an edited event beside its original', async () => {
    const edited = { ...events[3]!, actor: { user: { name: 'mallory' } } };
    expect(await findings([...events, edited])).toEqual(['FINGERPRINT_MISMATCH 3']);
  });

  it('finds an edited event whose fingerprint was made anew', async () => {
    const forged = resealed({ ...events[3]!, actor: { user: { name: 'mallory' } } });
    expect(await findings(replaced(events, { 3: forged }))).toEqual(['CHAIN_BROKEN 4']);
  });

  it('takes the event that its fingerprint fits for the link of the chain', async () => {
    const fingerprint = fingerprintObject('0'.repeat(64));
    const [attestation] = events[3]!.attestation_list;
    const edited = { ...events[3]!, attestation_list: [{ ...attestation!, fingerprint }] };
    expect(await findings([...events, edited])).toEqual(['FINGERPRINT_MISMATCH 3', 'UID_CONFLICT 3', 'UID_CONFLICT 3']);
  });

  it('finds a forged event beside its original', async () => {
    const forged = resealed({ ...events[3]!, actor: { user: { name: 'mallory' } } });
    const found = await findings([...events, forged]);
    // Nothing but the ledger can tell which of the two is the forgery: the next event contradicts one of them.
    expect(found.filter((finding) => finding !== 'CHAIN_BROKEN 4')).toEqual(['UID_CONFLICT 3', 'UID_CONFLICT 3']);
  });

  it('finds that events were removed, and how many', async () => {
    expect(await findings(events.filter((_, i) => i !== 2 && i !== 3))).toEqual(['CHAIN_GAP 4']);
    expect((await table.query(verifySql(duckdb, 'raw')))[0]?.detail).toBe('missing: 2');
  });

  it('finds that the start was removed', async () => {
    expect(await findings(events.slice(2))).toEqual(['CHAIN_START_MISSING 2']);
  });

  it('finds two events that swapped places', async () => {
    const swapped = replaced(events, { 2: placed(events[3]!, 2), 3: placed(events[2]!, 3) });
    expect(await findings(swapped)).toEqual([
      'CHAIN_BROKEN 2',
      'FINGERPRINT_MISMATCH 2',
      'CHAIN_BROKEN 3',
      'FINGERPRINT_MISMATCH 3',
      'CHAIN_BROKEN 4',
    ]);
  });

  it('finds two events that swapped places and were sealed anew', async () => {
    const swapped = replaced(events, { 2: resealed(placed(events[3]!, 2)), 3: resealed(placed(events[2]!, 3)) });
    expect(await findings(swapped)).toEqual(['CHAIN_BROKEN 2', 'CHAIN_BROKEN 3', 'CHAIN_BROKEN 4']);
  });

  it('finds two events at one place, and does not blame the one after them', async () => {
    const fork = resealed({ ...events[2]!, metadata: { ...events[2]!.metadata, uid: 'another' } });
    expect(await findings([...events, fork])).toEqual(['CHAIN_FORK 2', 'CHAIN_FORK 2']);
  });

  it('finds an event that was put before the first', async () => {
    const late = resealed(placed(events[1]!, 0));
    expect(await findings([late])).toEqual(['CHAIN_BROKEN 0']);
  });

  it('finds an event that forgot its predecessor', async () => {
    const { prev_event: _, ...attestation } = events[5]!.attestation_list[0]!;
    const orphan = resealed({ ...events[5]!, attestation_list: [attestation] });
    expect(await findings(replaced(events, { 5: orphan }))).toEqual(['CHAIN_BROKEN 5']);
  });

  it('is not fooled by a text that looks like the fields that follow it', async () => {
    const user = { name: 'alice', uid: 'admin' };
    for (const quote of ['"', '\u0001']) {
      const name = `alice${quote},${quote}uid${quote}:${quote}admin`;
      const [event] = chainOf(`chain ${quote}`, 1, { actor: { user } });
      expect(await findings([{ ...event!, actor: { user: { name } } }])).toContain('FINGERPRINT_MISMATCH 0');
    }
  });

  it.each([
    ['without an attestation', { attestation_list: [] }],
    ['with an empty one', { attestation_list: [{}] }],
    ['with an element that is NULL', { resources: [null] }],
  ])('survives a row %s', async (_, changes) => {
    expect(await findings([{ ...events[0]!, ...changes }])).toEqual([expect.stringMatching(/^FINGERPRINT_MISMATCH/)]);
  });
});

function chainOf(uid: string, length: number, changes: Parameters<typeof attempt>[1] = {}): AuditEvent[] {
  const chain = new Chain(uid);
  return Array.from({ length }, (_, i) => {
    const n = Math.floor(i / 2);
    const draft = i % 2 === 0 ? attempt(n, changes) : outcome(n, changes);
    const { uid: event } = draft.metadata;
    return chain.seal({ ...draft, metadata: { ...draft.metadata, uid: uid === 'chain' ? event : `${uid} ${event}` } })
      .event;
  });
}

function replaced(events: readonly AuditEvent[], by: Readonly<Record<number, AuditEvent>>): AuditEvent[] {
  return events.map((event, i) => by[i] ?? event);
}

function recorded(event: AuditEvent): string {
  return event.attestation_list[0]!.fingerprint.value;
}

/** What a forger does who knows how fingerprints are made. */
function resealed(event: AuditEvent): AuditEvent {
  const fingerprint = fingerprintObject(fingerprintOf(event));
  return { ...event, attestation_list: event.attestation_list.map((attestation) => ({ ...attestation, fingerprint })) };
}

function placed(event: AuditEvent, sequence: number): AuditEvent {
  return { ...event, metadata: { ...event.metadata, sequence } };
}
