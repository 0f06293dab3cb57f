/**
 * Does work on items, so many at a time, and gives what comes of it in the order of the items. It begins with one at a time,
 * and goes further ahead with each result that is taken: who stops early has little read in vain.
 *
 * @param width most items at a time, those included whose result nobody has taken yet
 * @throws what a work failed with, when its turn has come
 */
export async function* readAhead<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  width: number,
  work: (item: T) => Promise<R>,
): AsyncGenerator<R> {
  const running: Promise<R>[] = [];
  let taken = 0;
  for await (const item of items) {
    const result = work(item);
    result.catch(() => undefined); // Told when its turn has come.
    running.push(result);
    while (running.length >= Math.min(width, taken + 1)) {
      yield await running.shift()!;
      taken += 1;
    }
  }
  while (running.length > 0) yield await running.shift()!;
}
