import { type Drain, openDrain } from './drain.ts';
import { type KafkaGroundOptions, kafkaGround } from './kafka-ground.ts';

/** Six feeds that drain into Kafka by transactions. What was not committed does not count as stored. */
export async function openExactlyOnceDrain(
  bootstrap: string,
  eventsPerFeed: number,
  options: KafkaGroundOptions = {},
): Promise<Drain> {
  const ground = await kafkaGround(bootstrap, { ...options, exactlyOnce: true });
  return await openDrain(ground, eventsPerFeed, { delivery: 'exactly-once' });
}
