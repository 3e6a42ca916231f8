/** What there is to know of a topic, or the error of the library in its place. */
export type Told<Found> = { readonly found: Found } | { readonly refusal: unknown };

/**
 * Asks for all topics at once. Where that fails, for each alone: one bad topic fails the question for all of them, and
 * the library does not say which. Rejects with what `isShared` says to be the fault of no topic.
 */
export async function askEach<Found>(
  topics: readonly string[],
  ask: (topics: readonly string[]) => Promise<ReadonlyMap<string, Found>>,
  isShared: (error: unknown) => boolean,
): Promise<ReadonlyMap<string, Told<Found>>> {
  const told = new Map<string, Told<Found>>();

  async function askFor(some: readonly string[]): Promise<unknown> {
    try {
      for (const [topic, found] of await ask(some)) told.set(topic, { found });
      return undefined;
    } catch (error) {
      if (isShared(error)) throw error;
      return error;
    }
  }

  // An empty question would be answered with all topics there are.
  if (topics.length === 0 || (await askFor(topics)) === undefined) return told;
  await Promise.all(
    topics.map(async (topic) => {
      const refusal = await askFor([topic]);
      if (refusal !== undefined) told.set(topic, { refusal });
    }),
  );
  return told;
}
