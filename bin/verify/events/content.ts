import { EDGE_PREFIX, eventFormatOf } from '../../../lib/event/keys';
import type { Content } from './fill';

/** Whether an object holds what verifying looks into, and how it is written. By its key, as with leaves. */
export function contentOf(key: string): Content | undefined {
  return key.startsWith(EDGE_PREFIX) && key.endsWith('.parquet') ? 'edge' : eventFormatOf(key);
}
