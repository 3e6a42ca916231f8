/** Items in order, for one who takes them one by one. */
export interface Waiting<Item> {
  push(item: Item): void;
  /** The next one, as soon as there is one; undefined: stopped. */
  next(stop: AbortSignal): Promise<Item | undefined>;
  takeAll(): readonly Item[];
}

export function createWaiting<Item>(): Waiting<Item> {
  let items: Item[] = [];
  /** Those before it are taken. */
  let first = 0;
  let wake = () => {};

  function shift(): Item | undefined {
    const item = items[first];
    first++;
    if (first >= items.length) {
      items = [];
      first = 0;
    }
    return item;
  }

  return {
    push(item) {
      items.push(item);
      wake();
    },
    async next(stop) {
      while (items.length === 0 && !stop.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        stop.addEventListener('abort', wake, { once: true });
        await promise;
        stop.removeEventListener('abort', wake);
      }
      return stop.aborted ? undefined : shift();
    },
    takeAll() {
      const all = items.slice(first);
      items = [];
      first = 0;
      return all;
    },
  };
}
