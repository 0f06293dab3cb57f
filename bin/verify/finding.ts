import type { FindingCode, NoticeCode } from './codes';

/** One thing that is worth knowing, and where it is. What is not known is null. */
export interface Noted<Code extends string> {
  readonly code: Code;
  /** Key of the object, or path of the file of the ledger. */
  readonly object: string | null;
  readonly dt: string | null;
  readonly hour: string | null;
  readonly chain_uid: string | null;
  readonly sequence: number | null;
  readonly uid: string | null;
  readonly detail: string;
}

/** Something that is not as truthful writers and sealers leave it. */
export type Finding = Noted<FindingCode>;

/** Something that a truthful trail can have too, and that people should know. */
export type Notice = Noted<NoticeCode>;

/** Of the trail as a whole, or of one of its files. */
export function noted<Code extends string>(code: Code, detail: string, object: string | null = null): Noted<Code> {
  const [, dt = null, hour = null] = /(?:^|\/)dt=([^/]*)\/hour=([^/]*)\//.exec(object ?? '') ?? [];
  return { code, object, dt, hour, chain_uid: null, sequence: null, uid: null, detail };
}
