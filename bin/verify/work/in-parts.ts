import type { WorkRoom } from './work-room';

/**
 * Runs a statement over one part of the rows after the other. The engine works on disk where memory ends, but what it must hold
 * at a time for a join or a DISTINCT over wide rows grows with them; each part costs one more scan.
 *
 * @param rows how many there are in all
 * @param perPart how many fit into memory
 * @param sql the statement for those that are in the part: `isIn` is the condition, of a value by which they are split
 */
export async function inParts(
  room: WorkRoom,
  { rows, perPart }: { readonly rows: number; readonly perPart: number },
  sql: (isIn: (value: string) => string) => string,
): Promise<void> {
  const parts = Math.max(1, Math.ceil(rows / perPart));
  for (let part = 0; part < parts; part += 1) {
    await room.run(sql((value) => (parts === 1 ? 'true' : `hash(${value}) % ${parts} = ${part}`)));
  }
}
