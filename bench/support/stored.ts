/** What was stored: by the key that has to stay in order, the numbers of its events. */
export type Stored = ReadonlyMap<string, readonly number[]>;

interface Sent {
  readonly id: string;
  readonly key: string;
}

/** Sorts what was stored, in order, by key. `sentIn`: the body within what is stored. */
export function collect(values: Iterable<string>, sentIn: (value: unknown) => unknown): Stored {
  const stored = new Map<string, number[]>();
  for (const value of values) {
    const { id, key } = sentIn(JSON.parse(value)) as Sent;
    const known = stored.get(key);
    if (known) known.push(Number(id));
    else stored.set(key, [Number(id)]);
  }
  return stored;
}

/** What bare subjects store: what they were given. */
export const plainBody = (value: unknown): unknown => value;

/** What the bridge stores: a CloudEvent. */
export const dataOfEvent = (value: unknown): unknown => (value as { readonly data: unknown }).data;
