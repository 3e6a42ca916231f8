import { closestMatch } from 'leven';
import { z } from 'zod';
import type { ErrorCode } from '../../src/core/errors.ts';
import { endpointSettings } from '../../src/kit/endpoint-settings.ts';
import { scheduleSettings } from '../../src/kit/schedule-settings.ts';
import { type FenergoFeed, feedNames, isFeedName } from './feeds.ts';
import { fenergoWebhookSettings } from './webhook.ts';

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

const settings = z.strictObject({
  connector: z.literal('fenergo'),
  ...endpointSettings,
  /** `both`: each notification comes twice, as the same event. */
  delivery: z
    .enum(['poll', 'webhook', 'both'])
    .default('poll')
    .describe(
      'How notifications come. both: webhooks at once and the poll for what they miss, each event mostly twice.',
    ),
  webhook: fenergoWebhookSettings
    .optional()
    .describe(
      'Where the platform posts notifications, and how it signs: /FEED follows the path. Not with `delivery: poll`.',
    ),
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

/** What stands under `from`. */
export const configSchema = settings.superRefine(({ delivery, webhook }, context) => {
  if ((delivery === 'poll') === (webhook === undefined)) return;
  const message =
    webhook === undefined
      ? `\`delivery: ${delivery}\` needs \`webhook\`, such as { path: /hooks/fenergo, verify: { preset: fenergo, keys: […] } }`
      : 'nothing is taken here with `delivery: poll`: leave `webhook` out, or choose `webhook` or `both`';
  context.addIssue({ code: 'custom', path: ['webhook'], message });
});

export type FenergoConfig = z.output<typeof configSchema>;
