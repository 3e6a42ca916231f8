import { aborted } from '../support/scripted-source.ts';
import { type CallName, type Fate, fates } from './fates.ts';

/** What the bridge asks of a far end. */
export interface Work<Answer> {
  readonly name: CallName;
  /** Which feed it is for; a call to a broker may be for many, and here the number of its destination stands. */
  readonly feed?: number;
  /** For people. */
  readonly about?: string;
  /** What the far end does, and says; throwing rejects. */
  readonly answer: (fate: Fate) => Answer | Promise<Answer>;
  /** The far end does what it was asked for, and nobody hears of it. */
  readonly land: (fate: Fate) => void | Promise<void>;
  /** When this aborts the caller gives up, and hears this. */
  readonly signal?: AbortSignal;
  readonly givenUp?: () => Answer;
}

/** A call that waits for its fate. */
export interface Waiting {
  readonly name: CallName;
  /** `enter 0`, or `publish`. */
  readonly label: string;
  readonly about: string;
  answer(fate: Fate): void;
  land(): void | Promise<void>;
}

/** A request that nobody waits for any more, but which may still reach its far end. */
export interface Stray {
  readonly label: string;
  land(): void | Promise<void>;
}

/** Where all calls of one life of the bridge wait until the history says what becomes of them. */
export interface Desk {
  readonly waiting: readonly Waiting[];
  call<Answer>(work: Work<Answer>): Promise<Answer>;
  /** The process is dead: nothing of it is heard, or hears, any more. */
  close(): void;
}

export function createDesk(strays: Stray[]): Desk {
  const waiting: Waiting[] = [];
  let open = true;

  return {
    waiting,
    close() {
      open = false;
    },
    call(work) {
      if (!open) return new Promise(() => {});
      const { name, feed, about = '', signal } = work;
      const label = feed === undefined ? name : `${name} ${feed}`;
      const { promise, resolve, reject } = Promise.withResolvers<Awaited<ReturnType<typeof work.answer>>>();
      const leave = () => {
        const at = waiting.indexOf(entry);
        if (at >= 0) waiting.splice(at, 1);
        return at >= 0;
      };
      const entry: Waiting = {
        name,
        label,
        about,
        answer(fate) {
          if (!fates[name].some((kind) => kind === fate.kind)) throw new Error(`${label} knows no "${fate.kind}"`);
          leave();
          if (fate.kind === 'late') strays.push({ label, land: () => work.land(fate) });
          // Not before the next turn, as from a network or a disk.
          Promise.try(work.answer, fate).then(resolve, reject);
        },
        land: () => work.land({ kind: 'late', at: 0, wrote: 0, alone: false }),
      };
      waiting.push(entry);
      const { givenUp } = work;
      if (signal && givenUp) {
        void aborted(signal).then(() => {
          if (!leave()) return;
          strays.push(entry);
          Promise.try(givenUp).then(resolve, reject);
        });
      }
      return promise;
    },
  };
}
