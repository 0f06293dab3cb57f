import { verifyEvents, type EventsVerification } from './events/events';
import { Intake } from './events/intake';
import { makeTables } from './events/kept';
import { Window } from './events/window';
import { listVersions } from './objects/listing';
import { ObjectTaker } from './objects/object-taker';
import type { TrailStore } from './trail/trail-store';
import { WorkRoom } from './work/work-room';

/** Checks fingerprints and chains of all events that are there, whatever the ledger says. */
export async function verifyEventsAlone(store: TrailStore): Promise<EventsVerification> {
  const room = await WorkRoom.open();
  try {
    await makeTables(room);
    const intake = new Intake(room);
    const window = new Window(true);
    await new ObjectTaker({ store, room, intake }).takeRest(await listVersions(store), window, () => undefined);
    await intake.finish();
    return await verifyEvents({ room, intake, window, progress: () => undefined });
  } finally {
    await room.close();
  }
}
