import { feedNames } from '../../connectors/fenergo/feeds.ts';
import type { Stored } from './subject.ts';

/** A clean run must give each event once, in order: from 1 on, in each feed. Throws when it does not. */
export function verify(name: string, feeds: Stored, eventsPerFeed: number): void {
  for (const feed of feedNames) {
    const sequence = feeds.get(feed) ?? [];
    const wrong = sequence.findIndex((number, at) => number !== at + 1);
    if (wrong >= 0 || sequence.length !== eventsPerFeed) {
      throw new Error(
        `${name}: feed ${feed} has ${sequence.length} events of ${eventsPerFeed}, first wrong at ${wrong}`,
      );
    }
  }
}
