import { parquetReadObjects } from 'hyparquet';
import { eventFormatOf } from '../../../lib/event/keys';
import { statedFingerprint } from '../../../lib/event/stated-fingerprint';

/**
 * The fingerprints that an object's events state, in file order.
 *
 * @throws Error if the object is not what its key says
 */
export async function eventFingerprints(key: string, bytes: Buffer): Promise<string[]> {
  return eventFormatOf(key) === 'parquet' ? inParquet(bytes) : inLines(bytes);
}

async function inParquet(bytes: Buffer): Promise<string[]> {
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  const rows = await parquetReadObjects({ file, columns: ['attestation_list'] });
  return rows.map(statedFingerprint);
}

function inLines(bytes: Buffer): string[] {
  const lines = new TextDecoder('utf-8', { fatal: true }).decode(bytes).split('\n');
  return lines.filter((line) => line !== '').map((line) => statedFingerprint(JSON.parse(line)));
}
