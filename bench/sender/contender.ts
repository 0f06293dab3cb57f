/**
 * One way to send PutRecord, in a process of its own: loads, sends a first record, then many, and tells how long each
 * took. The endpoint is in AWS_ENDPOINT_URL_FIREHOSE.
 */
export interface Measured {
  /** From the start of the program until the first record was acknowledged, in milliseconds. */
  readonly firstMs: number;
  /** Processor time for each further record, in microseconds. */
  readonly recordUs: number;
}

const RECORDS = 1_500;
const LINE = JSON.stringify({ message: 'x'.repeat(1_800) });

export async function measure(loaded: () => Promise<(line: string) => Promise<unknown>>): Promise<void> {
  const put = await loaded();
  await put(LINE);
  const firstMs = performance.now();
  for (let i = 0; i < RECORDS; i += 1) await put(LINE);
  const before = process.cpuUsage();
  for (let i = 0; i < RECORDS; i += 1) await put(LINE);
  const { user, system } = process.cpuUsage(before);
  const measured: Measured = { firstMs, recordUs: (user + system) / RECORDS };
  process.send?.(measured, () => process.exit(0));
}
