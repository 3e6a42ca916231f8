import { z } from 'zod';
import type { SettingRefusal } from '../../core/sink-type.ts';
import { duration, text } from '../../kit/scalars.ts';
import { template } from '../template.ts';
import { refuseBareMskToken, sasl, tls } from './security.ts';
import { isTopicName } from './topic-name.ts';

const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^\s:/[\]]+):\d{1,5}$/, 'expected host:port such as kafka:9092')
  .refine((value) => Number(value.slice(value.lastIndexOf(':') + 1)) <= 65_535, 'a port is at most 65535');

/** What stands under `brokers`. Times in milliseconds once parsed. */
export const kafkaBroker = z
  .strictObject({
    type: z.literal('kafka'),
    bootstrap: z
      .array(address)
      .min(1)
      .describe('Brokers to ask first, as host:port. The others are found through them.'),
    client: z
      .enum(['platformatic', 'kafkajs'])
      .default('platformatic')
      .describe('Client library: @platformatic/kafka, idempotent, with all codecs; or kafkajs, plain, with gzip only.'),
    tls,
    sasl,
    clientId: text()
      .refine((value) => /^\S+$/.test(value), 'expected a name without spaces')
      .default('feedferry')
      .describe('How the bridge is named in the logs, metrics and quotas of the broker.'),
    confirmTimeout: duration()
      .refine((ms) => ms >= 100, 'expected at least 100ms')
      .default(10_000)
      .describe('How long a send may wait for its confirm. After that it is sent again by a new producer.'),
  })
  .check(refuseBareMskToken);

/** Safe is the only choice: the setting is known so that it can be refused with a reason. */
const acks: z.ZodType<'all' | undefined> = z
  .custom<'all' | undefined>()
  .optional()
  .check((context) => {
    const { value } = context;
    if (value === undefined || value === 'all') return;
    context.issues.push({
      code: 'custom',
      message: `acks: ${JSON.stringify(value)} can lose confirmed events. Remove it (default: all).`,
      params: { code: 'CONFIG_UNSAFE' },
      input: value,
    });
  })
  .meta({ enum: ['all'] });

/** What stands under `to`. */
export const kafkaDestination = z.strictObject({
  broker: text(),
  topic: template()
    .refine(
      (value) => isTopicName(value.replaceAll(/\{[^}]*\}/g, 'x')),
      'a topic has letters, digits, ".", "_", "-" only',
    )
    .describe('Topic, with placeholders: {pipeline}, {feed} or an attribute of the event such as {type}.'),
  acks,
  mode: z
    .enum(['structured', 'binary'])
    .default('structured')
    .describe(
      'structured: the whole event is the JSON value. binary: the value is the data, the rest are ce_ headers.',
    ),
  compression: z.enum(['none', 'gzip', 'snappy', 'lz4', 'zstd']).default('none'),
  marks: text()
    .refine(isTopicName, 'a topic has letters, digits, ".", "_", "-" only')
    .default('feedferry.marks')
    .describe(
      'With delivery: exactly-once, the compacted topic that keeps the mark of each feed: what was committed last. Pipelines may share it.',
    ),
  transactionalIdPrefix: text()
    .refine((value) => /^[\x21-\x7e]+$/.test(value), 'expected ASCII characters without spaces')
    .default('feedferry')
    .describe(
      'With delivery: exactly-once, what transactional ids begin with: feedferry/PIPELINE/FEED. Bridges that are not the same need different ones on one cluster, or they shut each other out.',
    ),
});

/** What does not go together, though each is good by itself. */
export function refuseKafkaSettings(
  { client }: KafkaBroker,
  { compression }: KafkaDestination,
): readonly SettingRefusal[] {
  if (client !== 'kafkajs' || compression === 'none' || compression === 'gzip') return [];
  return [
    {
      key: 'compression',
      message: `The client kafkajs has no codec for ${compression}.`,
      hint: 'Expected one of "none" or "gzip"; or remove `client: kafkajs` from the broker.',
    },
  ];
}

/** Why there is no exactly-once with a client library. */
export function refuseExactlyOnce({ client }: KafkaBroker): Omit<SettingRefusal, 'key'> | undefined {
  if (client === 'platformatic') return undefined;
  return {
    message:
      'The client kafkajs repeats the commit of a transaction that was not answered, which may then act on the next one, and shuts out other producers too late.',
    hint: 'Remove `client: kafkajs` from the broker, or `delivery: exactly-once` from the pipeline.',
  };
}

export type KafkaBroker = z.output<typeof kafkaBroker>;
export type KafkaDestination = z.output<typeof kafkaDestination>;
export type Mode = KafkaDestination['mode'];
