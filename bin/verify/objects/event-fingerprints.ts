import { parquetReadObjects } from 'hyparquet';
import { EVENTS_PREFIX, FALLBACK_PREFIX } from '../../../lib/event/keys';

/** Whether objects under a key hold audit events, so that their leaves must tell of them. */
export function holdsEvents(key: string): boolean {
  return (key.startsWith(EVENTS_PREFIX) && key.endsWith('.parquet')) || isFallback(key);
}

function isFallback(key: string): boolean {
  return key.startsWith(FALLBACK_PREFIX) && key.endsWith('.json');
}

/**
 * The recorded fingerprints of an object's events, in file order.
 *
 * @throws Error if the object is not what its key says
 */
export async function eventFingerprints(key: string, bytes: Buffer): Promise<string[]> {
  return isFallback(key) ? fromLines(bytes) : fromParquet(bytes);
}

/** An event as far as it is looked at here. */
interface Attested {
  readonly attestation_list: readonly { readonly fingerprint: { readonly value: string } }[];
}

async function fromParquet(bytes: Buffer): Promise<string[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, columns: ['attestation_list'] });
  return (rows as unknown as Attested[]).map(fingerprintOf);
}

function fromLines(bytes: Buffer): string[] {
  const lines = bytes.toString().split('\n');
  return lines.filter((line) => line !== '').map((line) => fingerprintOf(JSON.parse(line) as Attested));
}

function fingerprintOf({ attestation_list }: Attested): string {
  return attestation_list[0]!.fingerprint.value;
}
