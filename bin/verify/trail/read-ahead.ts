/**
 * Does work on items, so many at a time, and gives what comes of it in the order of the items.
 *
 * @param width items at a time, those included whose result nobody has taken yet
 * @throws what a work failed with, when its turn has come
 */
export async function* readAhead<T, R>(
  items: Iterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  for (const item of items) {
    const result = work(item);
    result.catch(() => undefined); // Told when its turn has come.
    running.push(result);
    if (running.length >= width) yield await running.shift()!;
  }
  while (running.length > 0) yield await running.shift()!;
}
