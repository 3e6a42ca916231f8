import { closestMatch } from 'leven';
import { z } from 'zod';
import type { ErrorCode } from '../../src/core/errors.ts';
import { endpointSettings } from '../../src/kit/endpoint-settings.ts';
import { scheduleSettings } from '../../src/kit/schedule-settings.ts';
import { type FenergoFeed, feedNames, isFeedName } from './feeds.ts';

function unknownFeed(name: string): string {
  const suggestion = closestMatch(name.toLowerCase(), feedNames, { maxDistance: 3 });
  const advice = suggestion ? `Did you mean "${suggestion}"?` : `There are ${feedNames.join(', ')}.`;
  return `fenergo has no feed "${name}"; names are case-sensitive. ${advice}`;
}

const code: ErrorCode = 'CONFIG_UNKNOWN_FEED';

const feed = z
  .string()
  .superRefine((name, context) => {
    if (!isFeedName(name)) context.addIssue({ code: 'custom', message: unknownFeed(name), params: { code } });
  })
  .transform((name) => name as FenergoFeed)
  .meta({ type: 'string', enum: [...feedNames] });

const listedFeeds = z
  .array(feed)
  .min(1)
  .superRefine((names, context) => {
    names.forEach((name, index) => {
      if (names.indexOf(name) === index) return;
      context.addIssue({ code: 'custom', path: [index], message: `feed "${name}" is listed twice` });
    });
  });

const allFeeds = z.literal('all').transform((): FenergoFeed[] => [...feedNames]);

/** What stands under `from`. */
export const configSchema = z.strictObject({
  connector: z.literal('fenergo'),
  ...endpointSettings,
  feeds: z.union([listedFeeds, allFeeds], 'expected all, or a list of feeds such as [journey, entitydata]'),
  schedule: scheduleSettings,
  /** `*` stands for any text. What fits none is completed upstream, counted, and not published. */
  eventTypes: z.array(z.string().min(1)).min(1).default(['*']),
  /** `feed`: order as upstream promises it. `entity`: order per entity only, in exchange for parallel consumers. */
  partitionBy: z.enum(['feed', 'entity']).default('feed'),
  /** Fetches what `relativeUrl` points at: data becomes `{"record": <verbatim>, "resource": <answer>}`. */
  enrich: z.boolean().default(false),
  /** What CloudEvents `type` begins with. */
  typePrefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, 'expected a prefix such as com.fenergo, without a dot at its end')
    .default('com.fenergo'),
});

export type FenergoConfig = z.output<typeof configSchema>;
