import { BridgeError } from '../../src/core/errors.ts';
import type { Cursors, DeadLetters, Ledger } from '../../src/core/state.ts';
import type { Desk } from './desk.ts';
import type { Fate } from './fates.ts';
import type { Promises } from './promises.ts';
import type { Parts } from './store.ts';
import type { Held } from './upstream.ts';

export interface StateEnds {
  readonly parts: Parts;
  readonly batches: readonly Held[];
  readonly desk: Desk;
  readonly promises: Promises;
}

/** Lets the history decide when the disk has done what it was asked for, and whether. */
function refusing<Answer>(work: () => Promise<Answer>): (fate: Fate) => Promise<Answer> {
  return async ({ kind }) => {
    if (kind === 'unwritable') throw new BridgeError('STATE_UNWRITABLE', 'the disk is full');
    if (kind === 'damaged') throw new BridgeError('STATE_DAMAGED', 'the file is damaged');
    const answer = await work();
    if (kind === 'done but unwritable') throw new BridgeError('STATE_UNWRITABLE', 'the disk may be full');
    return answer;
  };
}

function feedOf(name: string): number {
  return Number(name.split('/')[1]);
}

export function watchedLedger({ parts: { ledger }, desk, promises }: StateEnds): Ledger {
  return {
    find: (key) =>
      desk.call({
        name: 'find',
        feed: feedOf(key.feed),
        about: key.batchId,
        answer: refusing(() => ledger.find(key)),
        land() {},
      }),
    findParts: (key) => ledger.findParts(key),
    range: (query) => ledger.range(query),
    async enterPart(part) {
      const feed = feedOf(part.feed);
      const destination = Number(part.destination);
      const batch = promises.enteringPart(part, feed, destination);
      const write = async () => {
        await ledger.enterPart(part);
        promises.enteredPart(batch, destination);
      };
      await desk.call({ name: 'part', feed, about: part.batchId, answer: refusing(write), land: write });
    },
    async enter(entry) {
      const feed = feedOf(entry.feed);
      const batch = promises.entering(entry, feed);
      const write = async () => {
        await ledger.enter(entry);
        promises.entered(batch);
      };
      await desk.call({ name: 'enter', feed, about: entry.batchId, answer: refusing(write), land: write });
    },
    async complete(key, at) {
      const write = () => ledger.complete(key, at);
      const feed = feedOf(key.feed);
      await desk.call({ name: 'note', feed, about: key.batchId, answer: refusing(write), land: write });
    },
    list: (filter) => ledger.list(filter),
    prune: (before) => ledger.prune(before),
  };
}

export function watchedDeadLetters({ parts: { deadLetters }, desk, promises }: StateEnds): DeadLetters {
  return {
    ...deadLetters,
    async add(letters) {
      const write = async () => {
        await deadLetters.add(letters);
        promises.aside(letters);
      };
      const feed = feedOf(letters[0]?.feed ?? '');
      const about = letters.map(({ index }) => index).join(' ');
      await desk.call({ name: 'set-aside', feed, about, answer: refusing(write), land: write });
    },
    async close(ids, closing) {
      const write = async () => {
        const closed = await deadLetters.close(ids, closing);
        promises.closed(ids);
        return closed;
      };
      const land = async () => void (await write());
      return await desk.call({ name: 'close', about: ids.join(' '), answer: refusing(write), land });
    },
  };
}

export function watchedCursors({ parts: { cursors }, batches, desk, promises }: StateEnds): Cursors {
  return {
    get: (name) =>
      desk.call({ name: 'position', feed: feedOf(name), answer: refusing(() => cursors.get(name)), land() {} }),
    async set(name, position) {
      const feed = feedOf(name);
      const batch = batches.find((one) => one.feed === feed && one.id === position);
      if (batch) promises.acknowledging(batch);
      const write = async () => {
        await cursors.set(name, position);
        if (batch) batch.done = true;
      };
      await desk.call({ name: 'move', feed, about: position, answer: refusing(write), land: write });
    },
    list: () => cursors.list(),
  };
}
