import { z } from 'zod';
import { byteSize, duration, text } from '../../kit/scalars.ts';
import { template } from '../template.ts';

const KiB = 1024;
const day = 86_400_000;

/** What stands under `brokers`. Sizes in bytes, times in milliseconds once parsed. */
export const logBroker = z.strictObject({
  type: z.literal('log'),
  dir: text().describe('Folder of the log, one folder per topic in it. Relative to the configuration file.'),
  segmentBytes: byteSize()
    .refine((bytes) => bytes >= KiB, 'expected at least 1KiB')
    .default(64 * KiB ** 2)
    .describe('A new segment is begun before the present one grows beyond this size.'),
  segmentAge: duration()
    .refine((ms) => ms > 0, 'expected more than 0')
    .default(day)
    .describe('A new segment is begun with the first event after this time.'),
  retainBytes: byteSize()
    .default(KiB ** 3)
    .describe(
      'Most bytes to keep per topic: the oldest segments go first, the one being written never. Looked at when a segment is begun.',
    ),
  retainAge: duration()
    .default(7 * day)
    .describe(
      'Segments whose last event is older are deleted, the one being written never. Looked at when a segment is begun.',
    ),
});

/** What stands under `to`. */
export const logDestination = z.strictObject({
  broker: text(),
  topic: template()
    .default('{pipeline}.{feed}')
    .describe('Topic, with placeholders: {pipeline}, {feed} or an attribute of the event such as {type}.'),
});

export type LogBroker = z.output<typeof logBroker>;
export type LogDestination = z.output<typeof logDestination>;
/** How segments are rolled and kept. */
export type LogSettings = Pick<LogBroker, 'segmentBytes' | 'segmentAge' | 'retainBytes' | 'retainAge'>;
