import { rm } from 'node:fs/promises';
import { QueryError } from '../../query/queries';
import { noted, type Finding } from '../finding';
import type { LookedInto } from '../objects/look-into';
import { collectGarbage } from '../work/collect-garbage';
import { OutOfMemory, type WorkRoom } from '../work/work-room';
import { contentOf } from './content';
import { fill, nameObjects, type Content, type FiledObject } from './fill';

/** An object to be looked into. */
export interface TakenObject extends Omit<FiledObject, 'id'> {
  readonly bytes: number;
  /** Whether the file was made for this, and is to be removed. */
  readonly isScratch: boolean;
  /** What was seen of it before. */
  readonly looked: LookedInto;
}

/**
 * What is decoded in one statement: enough that its own cost (a tenth of a second) does not count. Scratch files of twice as
 * much are on disk at a time.
 */
const BATCH_OBJECTS = 500;
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Takes in objects in batches, and keeps what verifying needs of the events in them (see kept.ts). One batch is decoded
 * by the engine's threads while the next is gathered.
 */
export class Intake {
  /** Objects that are not what their writer puts there, or cannot be decoded. The others of their batch are kept all the same. */
  readonly unreadable: Finding[] = [];
  /** What was found of their events before they were decoded. */
  readonly invalid: Finding[] = [];
  /** Objects that were decoded. */
  objects = 0;
  private batch: TakenObject[] = [];
  private bytes = 0;
  private ids = 0;
  private filling: Promise<void> = Promise.resolve();

  constructor(private readonly room: WorkRoom) {}

  /** Resolves when there is room for more. @throws what decoding failed with for another reason than the objects */
  async take(object: TakenObject): Promise<void> {
    const { problem, invalid, isBounded } = object.looked;
    if (invalid !== undefined) this.invalid.push(noted('EVENT_INVALID', invalid, object.key));
    if (problem !== undefined) this.unreadable.push(noted('OBJECT_UNREADABLE', problem, object.key));
    if (!isBounded) {
      if (object.isScratch) await rm(object.file);
      return;
    }
    this.batch.push(object);
    this.bytes += object.bytes;
    if (this.batch.length >= BATCH_OBJECTS || this.bytes >= BATCH_BYTES) await this.next();
  }

  /** Resolves when all that was taken is kept. */
  async finish(): Promise<void> {
    await this.next();
    await this.filling;
  }

  /** Resolves when the batch before is done. */
  private next(): Promise<void> {
    const [batch, before] = [this.batch, this.filling];
    [this.batch, this.bytes] = [[], 0];
    this.filling = before.then(() => this.keep(batch));
    this.filling.catch(() => undefined); // Told to whoever waits next.
    return before;
  }

  private async keep(batch: readonly TakenObject[]): Promise<void> {
    if (batch.length === 0) return;
    const objects = batch.map((object) => ({ ...object, id: (this.ids += 1) }));
    await nameObjects(this.room, objects);
    for (const content of ['parquet', 'lines', 'edge'] as const) {
      await this.decode(content, objects.filter(({ key }) => contentOf(key) === content)); // prettier-ignore
    }
    for (const { file, isScratch } of batch) if (isScratch) await rm(file);
    // A smaller one leaves next to nothing.
    if (batch.reduce((sum, { bytes }) => sum + bytes, 0) >= BATCH_BYTES) collectGarbage();
  }

  /** Where a batch fails, its halves are tried, until what fails is a single object. */
  private async decode(
    content: Content,
    objects: readonly (FiledObject & Pick<TakenObject, 'looked'>)[],
  ): Promise<void> {
    if (objects.length === 0) return;
    try {
      await fill(this.room, content, objects);
      this.objects += objects.length;
    } catch (error) {
      const reason = messageOf(error);
      const isOfObject = error instanceof OutOfMemory || !(error instanceof QueryError || isOfThisProgram(reason));
      if (!isOfObject) throw error;
      if (objects.length === 1) {
        if (objects[0]!.looked.problem === undefined)
          this.unreadable.push(noted('OBJECT_UNREADABLE', reason, objects[0]!.key));
        return;
      }
      const half = Math.ceil(objects.length / 2);
      await this.decode(content, objects.slice(0, half));
      await this.decode(content, objects.slice(half));
    }
  }
}

/** A mistake in a statement says nothing of an object; nor does a disk that ran full, which is a QueryError. */
function isOfThisProgram(message: string): boolean {
  return /^(Binder|Catalog) Error|Parser Error/i.test(message);
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replace(/\s*\n\s*/g, ' ').trim();
}
