import { z } from 'zod';
import { claimStore } from '../../kit/claim-settings.ts';
import { byteSize, duration, secret, text } from '../../kit/scalars.ts';
import { template } from '../template.ts';
import { isQueue } from './queue-name.ts';

const credentials = z.strictObject({
  accessKeyId: text(),
  secretAccessKey: secret(),
  sessionToken: secret().optional(),
});

/** What stands under `brokers`. Times in milliseconds once parsed. */
export const sqsBroker = z.strictObject({
  type: z.literal('sqs'),
  region: z
    .string()
    .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'expected an AWS region such as eu-central-1')
    .describe('AWS region of the queues.'),
  endpoint: z
    .url({ protocol: /^https?$/, error: 'expected a URL such as https://sqs.example.com' })
    .optional()
    .describe('Where SQS answers, if not at the usual address of the region: a VPC endpoint, another server.'),
  credentials: credentials
    .optional()
    .describe('Fixed credentials. Without them, those that the AWS SDK finds by itself, renewed as they expire.'),
  confirmTimeout: duration()
    .refine((ms) => ms >= 100, 'expected at least 100ms')
    .default(10_000)
    .describe('How long a send may wait for its confirm. After that it is sent again.'),
});

const claimCheck = z.strictObject({
  above: byteSize()
    .refine((bytes) => bytes <= 1024 ** 2, 'expected at most 1MiB, which is what SQS takes')
    .prefault('1MiB')
    .describe('What takes more with its attributes is put aside: lower it where the queue takes less.'),
  store: claimStore.describe('Where the data of such events are kept.'),
});

/** What stands under `to`. */
export const sqsDestination = z.strictObject({
  broker: text(),
  queue: template()
    .refine(
      (value) => isQueue(value.replaceAll(/\{[^}]*\}/g, 'x')),
      'expected the name of a queue (letters, digits, "-", "_", at the end ".fifo" where it is one; at most 80) or its URL',
    )
    .describe('Queue, by name or URL, with placeholders: {pipeline}, {feed} or an attribute of the event.'),
  claimCheck: claimCheck
    .optional()
    .describe(
      'What becomes of events that are too large for SQS: their data go into a store, and the message has the attributes with dataref, datasha256 and datalength. Default: they are dead letters.',
    ),
});

export type SqsBroker = z.output<typeof sqsBroker>;
export type SqsDestination = z.output<typeof sqsDestination>;
