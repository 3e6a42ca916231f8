import { z } from 'zod';
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
});

export type KafkaBroker = z.output<typeof kafkaBroker>;
export type KafkaDestination = z.output<typeof kafkaDestination>;
export type Mode = KafkaDestination['mode'];
