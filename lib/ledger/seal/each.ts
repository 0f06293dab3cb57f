/**
 * Does work on each item, on so many at a time. Settles when nothing is under way any more, so that no write comes after
 * the caller has gone on.
 *
 * @throws what failed first; what had not begun then is left out
 */
export async function each<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const lane = async (): Promise<void> => {
    while (next < items.length && failure === undefined) {
      const index = next++;
      await work(items[index]!, index).catch((error: unknown) => (failure ??= { error }));
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, lane));
  if (failure !== undefined) throw (failure as { readonly error: unknown }).error;
}
