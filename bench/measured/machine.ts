import os from 'node:os';

/** When and on what something was measured, one line. */
export function whenAndWhere(): string {
  const [cpu] = os.cpus();
  const memory = `${Math.round(os.totalmem() / 2 ** 30)} GiB`;
  return `${new Date().toISOString().slice(0, 10)}, ${os.cpus().length} × ${cpu?.model.trim() ?? 'unknown processor'}, ${memory}, Node ${process.version}`;
}
