import { describe, expect, test } from 'vitest';
import { kafkaBroker } from '../../../../src/sinks/kafka/config.ts';
import { bootstrapHosts, clientOptions, producerOptions } from '../../../../src/sinks/kafka/kafkajs/options.ts';

const broker = kafkaBroker.parse({ type: 'kafka', client: 'kafkajs', bootstrap: ['kafka:9092'], confirmTimeout: '4s' });

describe('kafkajs', () => {
  test('is never idempotent: so it would confirm events that the broker has not written', () => {
    expect(producerOptions.idempotent).toBe(false);
    expect(producerOptions).not.toHaveProperty('transactionalId');
  });

  test('repeats nothing by itself, creates no topic, and logs nothing', () => {
    expect(producerOptions).toMatchObject({ allowAutoTopicCreation: false, retry: { retries: 0 } });
    expect(clientOptions(broker)).toMatchObject({ retry: { retries: 0 }, logLevel: 0 });
  });

  test('leaves time to ask another broker, and waits for a confirm as long as it may', () => {
    expect(clientOptions(broker)).toMatchObject({ requestTimeout: 2_000, connectionTimeout: 2_000 });
    expect(clientOptions(broker, undefined, 4_000)).toMatchObject({ requestTimeout: 4_000, connectionTimeout: 2_000 });
  });

  test('sends each event where it belongs', () => {
    const partition = producerOptions.createPartitioner?.();
    expect(partition?.({ topic: 't', partitionMetadata: [], message: { value: '', partition: 7 } })).toBe(7);
  });

  test('gets a name for each IPv6 address, which it would cut at the first colon', () => {
    const { brokers, hosts } = bootstrapHosts({ ...broker, bootstrap: ['kafka:9092', '[::1]:9093'] });
    expect(brokers).toEqual(['kafka:9092', 'bootstrap-1:9093']);
    expect(hosts).toEqual(new Map([['bootstrap-1', '::1']]));
  });
});
