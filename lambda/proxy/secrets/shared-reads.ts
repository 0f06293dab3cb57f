/**
 * Reads of the same secret at the same time share one call: hundreds of routes may name one certificate, and an environment
 * that starts needs them all at once. Nothing is kept: who reads later gets what is there then.
 */
export function sharedReads(read: (id: string) => Promise<string>): (id: string) => Promise<string> {
  const underWay = new Map<string, Promise<string>>();
  return (id) => {
    const present = underWay.get(id);
    if (present !== undefined) return present;
    const reading = read(id).finally(() => underWay.delete(id));
    underWay.set(id, reading);
    return reading;
  };
}
