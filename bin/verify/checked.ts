import type { Totals } from './verify';

/** What a run has checked, for the headline of its report. */
export function checkedOf({ leaves, hashed_objects, checkpoints, events, chains, requests }: Totals): string[] {
  return [
    ...(leaves === null ? [] : [`the ledger’s signature and tree (${leaves} leaves)`]),
    ...(checkpoints === 0 ? [] : [`that it continues ${counted(checkpoints, 'older checkpoint')}`]),
    ...(hashed_objects === 0 ? [] : [`the bytes of ${counted(hashed_objects, 'object')}`]),
    ...(events === 0 ? [] : [`the fingerprints of ${counted(events, 'event')}`, counted(chains, 'chain')]),
    ...(requests === 0 ? [] : [`${counted(requests, 'request')} of the edge log`]),
  ];
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}
