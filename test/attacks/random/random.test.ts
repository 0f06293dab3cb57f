import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Finding } from '../../../bin/verify/finding';
import { partitionOf } from '../../../lib/event/keys';
import { Random } from '../../faults/random/random';
import { SAMPLE_TIME } from '../../support/sample-event';
import { writeBytes } from '../../support/sample-trail';
import { sealFolder } from '../../support/seal-folder';
import { SEED } from '../../support/seed';
import { bytesOfObject, truthfulObjects, type TrailObject } from '../../verify/truthful/trail';
import { later, verifyFolder } from '../../verify/support';
import { ATTACKS, type Target } from './attacks';
import { remove } from '../tools';
import { contradictionsOf } from './oracle';
import { STORED_ATTACKS } from './stored';
import { told } from './table';

/** How many trails are attacked, or nearly so; at least as many are left as they are beside them. */
const COUNT = Number(process.env['AUDIT_PROXY_ATTACKS'] ?? 20);
/** Some have nothing to attack, or are past their retention. */
const TRAILS = Math.ceil(2.3 * COUNT);
/** Trails in one folder, and in one verification. */
const BATCH = Math.min(250, COUNT);
/** Of every second batch, the share whose trails are within their retention; objects of older ones are disposed of. */
const RETAINED = 0.9;
const DAY_MS = 86_400_000;

interface Attacked {
  readonly day: number;
  readonly labels: readonly string[];
  readonly objects: readonly TrailObject[];
  readonly added: readonly TrailObject[];
  /** Why a verifier could know. */
  readonly reasons: string[];
}

/** A trail of a day: left alone, or attacked once, or up to three times. */
function trailOf(day: number, isAttacked: boolean, startsMayBeGone: boolean): Attacked {
  const random = Random.of(SEED, day);
  let count = 0;
  const objects = truthfulObjects(random, day);
  const target: Target = { objects, added: [], random, id: () => `made-${day}-${(count += 1)}` };
  const labels: string[] = [];
  if (isAttacked) {
    const times = 1 + random.below(random.chance(0.5) ? 1 : 3);
    while (labels.length < times && objects.length > 0) {
      const [label, make] = random.oneOf(Object.entries(ATTACKS));
      if (make(target)) labels.push(label);
    }
  }
  for (const object of [...objects].filter(() => random.chance(0.15))) {
    target.added.push(...objects.splice(objects.indexOf(object), 1)); // delivered late
  }
  const all = [...objects, ...target.added].filter(({ events, records }) => events.length + records.length > 0);
  const added = all.filter((object) => target.added.includes(object));
  return { day, labels, objects: all.filter((object) => !added.includes(object)), added, reasons: contradictionsOf(all, startsMayBeGone) };
} // prettier-ignore

describe(`${COUNT} random attacks, AUDIT_PROXY_SEED=${SEED}`, () => {
  for (let first = 0; first < TRAILS; first += BATCH) {
    const days = Array.from({ length: Math.min(BATCH, TRAILS - first) }, (_, i) => first + i);
    it(`on trails ${first} to ${first + days.length - 1}: what could be found is found, and nothing else`, async () => {
      const dir = await mkdtemp(path.join(tmpdir(), 'random-attacks-'));
      onTestFinished(() => rm(dir, { recursive: true, force: true }));
      const isDisposing = (first / BATCH) % 2 === 1;
      const firstOld = first + Math.floor(days.length * (isDisposing ? RETAINED : 1));
      const attacked = days.map((day) => trailOf(day, day % 2 === 1 && day < firstOld, isDisposing));
      const write = async (objects: readonly TrailObject[]) => {
        for (const object of objects) await writeBytes(dir, object.key, bytesOfObject(object));
        await sealFolder(dir, objects.map(({ key }) => key)); // prettier-ignore
      };
      await write(attacked.flatMap(({ objects }) => objects));
      const note = await readFile(path.join(dir, 'ledger/checkpoint'));
      await write(attacked.flatMap(({ added }) => added));
      const key = (await readFile(path.join(dir, 'keys/ledger.vkey'), 'utf8')).trim();
      const stored = new Map<number, string>();
      for (const { day, labels, objects } of attacked) {
        const random = Random.of(SEED ^ 0x5eed, day);
        if (labels.length === 0 || objects.length === 0 || !random.chance(0.2)) continue;
        const [label, make] = random.oneOf(Object.entries(STORED_ATTACKS));
        await make(dir, objects.map(({ key }) => key), random); // prettier-ignore
        stored.set(day, label);
      }
      const old = attacked.filter(({ day }) => day >= firstOld).flatMap(({ objects, added }) => [...objects, ...added]);
      for (const object of old) if (Random.of(SEED, old.indexOf(object)).chance(0.5)) await remove(dir, object.key);
      const now = later();
      const retentionMs = now - (SAMPLE_TIME - firstOld * DAY_MS + DAY_MS / 2);
      const { findings } = await verifyFolder(dir, { key, saved: { note, file: 'saved' }, now, retentionMs });
      const byDay = findingsByDay(findings);
      const wrong = attacked.flatMap(({ day, labels, reasons }) => {
        const codes = byDay.get(dtOf(day)) ?? [];
        const could = [...reasons, ...(stored.has(day) ? ['a leaf'] : [])];
        const what = [...labels, ...(stored.has(day) ? [`stored: ${stored.get(day)}`] : [])];
        told(what, could.length > 0, codes);
        const isWrong = labels.length === 0 ? codes.length + reasons.length > 0 : codes.length === 0 && could.length > 0;
        return isWrong ? [{ day, what, could, codes }] : [];
      });
      expect(wrong).toEqual([]);
      // Records in an object that lies in no hour are of no day.
      const ofNoDay = [...stored.values()].includes('add an object that Athena reads alone') ? [''] : [];
      const known = [...days.map(dtOf), ...ofNoDay];
      expect([...byDay.keys()].filter((dt) => !known.includes(dt))).toEqual([]);
    }, 600_000); // prettier-ignore
  }
});

const dtOf = (day: number) => partitionOf(SAMPLE_TIME - day * DAY_MS).dt;

/** By the day of the trail that each is about; those of the folder as a whole under ''. */
function findingsByDay(findings: readonly Finding[]): Map<string, string[]> {
  const byDay = new Map<string, string[]>();
  for (const { code, dt, object } of findings) {
    const day = dt || (/dt=([\d-]*)/.exec(object ?? '')?.[1] ?? '');
    byDay.set(day, [...new Set([...(byDay.get(day) ?? []), code])]);
  }
  return byDay;
}
