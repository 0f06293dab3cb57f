import path from 'node:path';
import { packageRoot } from '../local/package-root';

/** Loads what talks to AWS only now, from a bundle of its own. */
export async function loadClients(): Promise<typeof import('./clients')> {
  return (await import(path.join(packageRoot(), 'dist', 'bin', 'aws', 'clients.js'))) as typeof import('./clients');
}
