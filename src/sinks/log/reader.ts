import { join } from 'node:path';
import { BridgeError } from '../../core/errors.ts';
import type { ExpectedEvent, Sighting, SinkReader } from '../../core/sink-reader.ts';
import { judgeSeen, readStructured } from '../sighting.ts';
import { classify } from './classify.ts';
import { type LogLine, readTopic } from './read-log.ts';
import { isLost, listSegments } from './segment.ts';
import { checkTopicName } from './topic-name.ts';

/** A topic that is being read: what comes next is at `next`. */
interface Cursor {
  readonly lines: AsyncGenerator<LogLine>;
  next: number;
}

/** Bounds the open files where topics are made from attributes of events. */
const maxOpenTopics = 16;

const malformed: Sighting = { status: 'unclear', detail: 'the receipt names no place in a log' };

/** Looks at the files of a log, also while it is written. `dir` is absolute. */
export function openLogReader(dir: string): SinkReader {
  const cursors = new Map<string, Cursor>();

  async function drop(topic: string) {
    const cursor = cursors.get(topic);
    cursors.delete(topic);
    await cursor?.lines.return(undefined);
  }

  /** Goes on where the last look has ended, unless that is behind: receipts come in the order of the log. */
  async function lineAt(topic: string, offset: number): Promise<LogLine | undefined> {
    if ((cursors.get(topic)?.next ?? Number.POSITIVE_INFINITY) > offset) {
      await drop(topic);
      const [oldest] = cursors.keys();
      if (cursors.size >= maxOpenTopics && oldest !== undefined) await drop(oldest);
      cursors.set(topic, { lines: readTopic(dir, topic, offset), next: offset });
    }
    const cursor = cursors.get(topic);
    while (cursor) {
      const { value, done } = await cursor.lines.next();
      if (done) break;
      cursor.next = value.offset + 1;
      if (value.offset === offset) return value;
      if (value.offset > offset) break;
    }
    await drop(topic);
    return undefined;
  }

  async function firstOf(topic: string): Promise<number | undefined> {
    try {
      return (await listSegments(join(dir, topic)))[0];
    } catch (error) {
      if (isLost(error)) return undefined;
      throw error;
    }
  }

  async function look(event: ExpectedEvent, topic: string, offset: number, first?: number): Promise<Sighting> {
    if (first === undefined) return { status: 'missing', detail: `there is no topic ${topic} in ${dir}` };
    if (offset < first) return { status: 'expired' };
    const found = await lineAt(topic, offset);
    if (found) return judgeSeen(event, readStructured(found.line));
    // Retention may have come in between.
    if (offset < ((await firstOf(topic)) ?? 0)) return { status: 'expired' };
    return { status: 'missing', detail: `nothing is there in ${join(dir, topic)}` };
  }

  return {
    async lookUp(expected, signal) {
      const sightings: Sighting[] = [];
      const firsts = new Map<string, number | undefined>();
      for (const event of expected) {
        if (signal.aborted) throw new BridgeError('STOPPING', `stopped while ${dir} was read`);
        const { topic, offset, partition } = event.receipt;
        // One with a partition is of another kind of broker.
        if (partition !== undefined || typeof topic !== 'string' || typeof offset !== 'number') {
          sightings.push(malformed);
          continue;
        }
        checkTopicName(topic);
        try {
          if (!firsts.has(topic)) firsts.set(topic, await firstOf(topic));
          sightings.push(await look(event, topic, offset, firsts.get(topic)));
        } catch (error) {
          throw classify(error, `read ${join(dir, topic)}`);
        }
      }
      return sightings;
    },
    async [Symbol.asyncDispose]() {
      for (const topic of [...cursors.keys()]) await drop(topic);
    },
  };
}
