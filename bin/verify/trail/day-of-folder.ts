/** The day that a folder of the trail is for, e.g. `2026-11-24` of `events/dt=2026-11-24/`; undefined of any other folder. */
export function dayOfFolder(folder: string): string | undefined {
  return /(?:^|\/)dt=(\d{4}-\d\d-\d\d)\/$/.exec(folder)?.[1];
}
