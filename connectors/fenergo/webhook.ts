import { z } from 'zod';
import type { WebhookArrival } from '../../src/core/connector.ts';
import type { Endpoint } from '../../src/core/http.ts';
import type { RawRecord } from '../../src/core/record.ts';
import type { VerifiedRequest } from '../../src/core/webhook.ts';
import { sliceObject } from '../../src/kit/json-slices.ts';
import { registrationOfFeed } from '../../src/kit/registration-of-feed.ts';
import { registrationSettings } from '../../src/kit/registration-settings.ts';
import { jsonRecords, jsonTypes } from '../../src/kit/webhook-content.ts';
import { toWebhookArrival, webhookSettings } from '../../src/kit/webhook-settings.ts';
import type { FenergoFeed } from './feeds.ts';

/** `delivery: webhook` and `both`. */
export const fenergoWebhookSettings = z.strictObject({
  ...webhookSettings({ status: 200 }),
  register: registrationSettings
    .optional()
    .describe('Tells the platform where to send, feed by feed, which {feed} stands for. Default: people do.'),
});

const oneOrList = jsonRecords();

/** A notification, a list of them, or what polling gives: an object with a list of them. */
function readRecords(request: VerifiedRequest): readonly RawRecord[] {
  const records = oneOrList(request);
  const [only] = records;
  if (only === undefined || records.length > 1) return records;
  const slices = sliceObject(only.bytes, 'notifications');
  if (slices.kind !== 'object' || slices.elements === undefined) return records;
  return slices.elements.map(({ start, end }) => ({ ...only, bytes: only.bytes.subarray(start, end) }));
}

/** Each feed has a path of its own, below that of the settings: what is sent there is of that feed, as with polling. */
export function fenergoWebhook(
  settings: z.output<typeof fenergoWebhookSettings>,
  feed: FenergoFeed,
  endpoint: Endpoint,
): WebhookArrival {
  const arrival = toWebhookArrival(settings, { mediaTypes: jsonTypes, keepHeaders: [], records: readRecords });
  const { registration } = arrival;
  return {
    ...arrival,
    path: `${arrival.path}/${feed}`,
    endpoint,
    ...(registration && { registration: registrationOfFeed(registration, feed) }),
  };
}
