/** Items in order, for one who takes them one by one. */
export interface Waiting<Item> {
  push(item: Item): void;
  /** The next one, as soon as there is one; undefined: closed. */
  next(): Promise<Item | undefined>;
  /** Gives what waits to nobody any more, and what is waited for neither. */
  close(): readonly Item[];
}

export function createWaiting<Item>(): Waiting<Item> {
  let items: Item[] = [];
  /** Those before it are taken. */
  let first = 0;
  let wake = () => {};
  let closed = false;

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
    async next() {
      while (items.length === 0 && !closed) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
      return closed ? undefined : shift();
    },
    close() {
      const all = items.slice(first);
      items = [];
      first = 0;
      closed = true;
      wake();
      return all;
    },
  };
}
