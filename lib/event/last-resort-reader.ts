import type { SealedEvent } from './chain';
import type { LastResortPart } from './last-resort';
import { lastResortIn } from './log-message';
import { readSealedEvent } from './read-sealed';

/** An event of which not all lines were there. */
export interface IncompleteEvent {
  readonly uid: string;
  readonly fingerprint: string;
  readonly parts: number;
  /** Numbers of the parts that were not there, from 1. */
  readonly missing: readonly number[];
}

/** Lines that should have been an event, and are not. */
export interface BrokenEvent {
  /** What the line says of itself. Absent where it cannot be read. */
  readonly uid?: string;
  readonly fingerprint?: string;
  /** What is wrong. */
  readonly problem: string;
}

/** What one line of the log brought to an end. */
export interface ReadEvents {
  readonly events: readonly SealedEvent[];
  readonly broken: readonly BrokenEvent[];
}

/**
 * Puts the events of the last resort together again, from the lines of one or many logs in any order, whatever else
 * stands between them. Lines may come more than once; each event comes out once.
 */
export class LastResortReader {
  /** Events that came out. */
  private readonly done = new Set<string>();
  /** Events that wait for further parts. */
  private readonly open = new Map<string, Slices>();

  /** Takes one line of a log. */
  add(line: string): ReadEvents {
    const events: SealedEvent[] = [];
    const broken: BrokenEvent[] = [];
    for (const found of lastResortIn(line)) {
      const read = this.take(found);
      if (read === undefined) continue;
      if ('problem' in read) broken.push(read);
      else events.push(read);
    }
    return { events, broken };
  }

  /** The events that still lack parts. */
  incomplete(): IncompleteEvent[] {
    return [...this.open.values()].map(({ header: { uid, fingerprint, parts }, slices }) => ({
      uid,
      fingerprint,
      parts,
      missing: Array.from({ length: parts }, (_, i) => i + 1).filter((part) => !slices.has(part)),
    }));
  }

  private take(found: unknown): SealedEvent | BrokenEvent | undefined {
    if (!isPart(found)) return { ...claimOf(found), problem: 'the line is cut, or is none of the last resort' };
    const id = `${found.uid} ${found.fingerprint} ${found.parts}`;
    if (this.done.has(id)) return undefined;

    const line = found.event === undefined ? this.join(id, found) : JSON.stringify(found.event);
    if (typeof line !== 'string') return line;
    this.open.delete(id);
    const read = eventOf(found, line);
    // A broken one may come whole in another copy of the log.
    if ('line' in read) this.done.add(id);
    return read;
  }

  /** The whole line where this was the last part. */
  private join(id: string, part: LastResortPart): string | BrokenEvent | undefined {
    const { slices } = this.open.get(id) ?? this.begin(id, part);
    const slice = part.slice ?? '';
    const before = slices.get(part.part);
    if (before !== undefined && before !== slice) {
      return { ...claimOf(part), problem: `part ${part.part} is there twice, with different content` };
    }
    slices.set(part.part, slice);
    if (slices.size < part.parts) return undefined;
    return Array.from({ length: part.parts }, (_, i) => slices.get(i + 1)).join('');
  }

  private begin(id: string, header: LastResortPart): Slices {
    const begun = { header, slices: new Map<number, string>() };
    this.open.set(id, begun);
    return begun;
  }
}

interface Slices {
  readonly header: LastResortPart;
  readonly slices: Map<number, string>;
}

function eventOf(part: LastResortPart, line: string): SealedEvent | BrokenEvent {
  try {
    const sealed = readSealedEvent(line);
    if (sealed.uid === part.uid && sealed.fingerprint === part.fingerprint) return sealed;
    return { ...claimOf(part), problem: 'the line names another event than it carries' };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return { ...claimOf(part), problem: error.message };
  }
}

/** More parts than any event has: an invocation of a function is 6 MB at most. */
const MAX_PARTS = 10_000;

function isPart(value: unknown): value is LastResortPart {
  if (typeof value !== 'object' || value === null) return false;
  const { uid, fingerprint, part, parts, event, slice } = value as Partial<Record<keyof LastResortPart, unknown>>;
  const numbered = isCount(part) && isCount(parts) && part <= parts && parts <= MAX_PARTS;
  const carries = typeof slice === 'string' ? event === undefined : isStruct(event) && parts === 1;
  return typeof uid === 'string' && typeof fingerprint === 'string' && numbered && carries;
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isStruct(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** What a line says of itself, as far as it can be read. */
function claimOf(value: unknown): Pick<BrokenEvent, 'uid' | 'fingerprint'> {
  const { uid, fingerprint } = (isStruct(value) ? value : {}) as Partial<Record<'uid' | 'fingerprint', unknown>>;
  return {
    ...(typeof uid === 'string' && { uid }),
    ...(typeof fingerprint === 'string' && { fingerprint }),
  };
}
