import { toBridgeError } from '../../core/errors.ts';
import { packError } from './errors-across.ts';
import type { Answer, Call, FromThread, Outcome, ToThread, Write } from './messages.ts';
import type { SpoolOptions } from './settings.ts';
import { createStore, type Written } from './store.ts';

type Numbered<T extends Call = Call> = { readonly id: number; readonly call: T };

/** Serves calls of the spool on the thread that owns its file. */
export interface Desk {
  take(message: ToThread): void;
}

/** What is written in one transaction: whatever waits, up to so many bytes. */
const mostPerCommit = 8 * 1024 ** 2;
const tickMs = 2_000;

function isWrite(numbered: Numbered): numbered is Numbered<Write> {
  return numbered.call.kind === 'append' || numbered.call.kind === 'release';
}

function sizeOf(call: Write): number {
  return call.kind === 'release' ? 0 : call.entries.reduce((sum, { bytes }) => sum + bytes.length, 0);
}

/** Calls of the same moment, in parts that are not too large for one transaction. */
function* groupsOf(writes: readonly Numbered<Write>[]): Generator<readonly Numbered<Write>[]> {
  let group: Numbered<Write>[] = [];
  let bytes = 0;
  for (const write of writes) {
    group.push(write);
    bytes += sizeOf(write.call);
    if (bytes < mostPerCommit) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}

/** The buffers of what was read go over as they are. */
function buffersOf(answer: Answer): readonly ArrayBuffer[] {
  if (answer === null || typeof answer !== 'object' || !('records' in answer)) return [];
  return answer.records.flatMap(({ bytes: { buffer, byteLength } }) =>
    byteLength > 0 && buffer instanceof ArrayBuffer && buffer.byteLength === byteLength ? [buffer] : [],
  );
}

export function createDesk(
  options: SpoolOptions,
  post: (message: FromThread, buffers: readonly ArrayBuffer[]) => void,
): Desk {
  const store = createStore({ ...options, onReport: (report) => post({ kind: 'report', report }, []) });
  let waiting: Numbered[] = [];
  let scheduled = false;
  const timer = setInterval(quietly, tickMs, () => store.tick());

  /** For what nobody waits for: what fails now is found again by the next call. */
  function quietly<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      if (toBridgeError(error).code === 'INTERNAL') throw error;
      return undefined;
    }
  }

  function outcomeOf(written: Written): Outcome {
    return 'error' in written ? { error: packError(written.error) } : written;
  }

  function write(group: readonly Numbered<Write>[]): readonly Outcome[] {
    try {
      return store.write(group.map(({ call }) => call)).map(outcomeOf);
    } catch (error) {
      // One that is impossible must not take the others with it.
      if (group.length > 1 && toBridgeError(error).code === 'INTERNAL') return group.flatMap((one) => write([one]));
      return group.map(() => ({ error: packError(error) }));
    }
  }

  function ask(call: Exclude<Call, Write>): Outcome {
    try {
      if (call.kind === 'state') return { answer: store.state() };
      return { answer: call.kind === 'read' ? store.read(call) : store.accepted(call.feed) };
    } catch (error) {
      return { error: packError(error) };
    }
  }

  function answer(id: number, outcome: Outcome): void {
    post({ kind: 'outcomes', outcomes: [{ id, outcome }] }, 'answer' in outcome ? buffersOf(outcome.answer) : []);
  }

  function serve(): void {
    const calls = waiting;
    waiting = [];
    for (const group of groupsOf(calls.filter(isWrite))) {
      const outcomes = write(group);
      post(
        {
          kind: 'outcomes',
          outcomes: group.flatMap(({ id }, n) => (outcomes[n] ? [{ id, outcome: outcomes[n] }] : [])),
        },
        [],
      );
    }
    for (const { id, call } of calls) {
      if (call.kind === 'append' || call.kind === 'release') continue;
      // A read waits until all is there that can be in front of it; it may be what finds the damage.
      const outcome = ask(call);
      if (call.kind === 'read' && store.salvaging()) waiting.push({ id, call });
      else answer(id, outcome);
    }
  }

  function rest(): boolean {
    try {
      return store.rest();
    } catch (error) {
      for (const { id } of waiting.splice(0)) answer(id, { error: packError(error) });
      return false;
    }
  }

  function run(): void {
    scheduled = false;
    if (waiting.length > 0) serve();
    if (rest() || waiting.length > 0) schedule();
  }

  function schedule(): void {
    if (scheduled) return;
    scheduled = true;
    setImmediate(run);
  }

  function close(): void {
    clearInterval(timer);
    if (waiting.length > 0) serve();
    quietly(() => store.close());
    post({ kind: 'closed' }, []);
  }

  return {
    take(message) {
      if (message.kind === 'close') return close();
      waiting.push(...message.calls);
      schedule();
    },
  };
}
