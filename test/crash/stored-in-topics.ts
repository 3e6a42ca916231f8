import { setTimeout as delay } from 'node:timers/promises';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import type { AppendedEvent } from '../support/judge/append-times.ts';
import { type Reader, readTopic } from '../support/kafka/read-topic.ts';

const limitMs = 60_000;
const uuid = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

/** What is in the topics `<topicPrefix><feed>`; the lane of an event is its entity where order is kept by entity. */
export async function readStored(
  bootstrap: string,
  topicPrefix: string,
  { reader, byEntity }: { readonly reader: Reader; readonly byEntity: boolean },
): Promise<readonly AppendedEvent[]> {
  async function readFeed(feed: string): Promise<readonly AppendedEvent[]> {
    const records = await readTopic(bootstrap, topicPrefix + feed, reader);
    return records.map(({ value, timestamp, partition }) => {
      const { id, data } = JSON.parse(value.toString()) as { id: string; data: { relativeUrl: string } };
      const lane = byEntity ? { lane: uuid.exec(data.relativeUrl)?.[0] ?? '' } : {};
      return { feed, id, bytes: value, appendedAt: timestamp, place: partition, ...lane };
    });
  }

  const late = delay(limitMs, undefined, { ref: false }).then(() => {
    throw new Error(`the topics could not be read within ${limitMs} ms`);
  });
  const perFeed = await Promise.race([Promise.all(feedNames.map(readFeed)), late]);
  return perFeed.flat();
}
