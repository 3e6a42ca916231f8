import type { FeedName } from './core/batch.ts';
import type { WebhookArrival } from './core/connector.ts';
import { BridgeError } from './core/errors.ts';
import type { Hooks } from './core/hook.ts';
import type { Source } from './core/source.ts';
import { createWebhookSource } from './sources/webhook/webhook-source.ts';
import type { Report } from './telemetry/events.ts';

export interface WebhookContext {
  /** Absent: no listener is configured. */
  readonly hooks?: Hooks | undefined;
  readonly report: Report;
  readonly resources: AsyncDisposableStack;
}

/** Opens the path of a feed, where requests are answered 503 until the source is asked for batches. */
export async function openWebhook(
  feed: FeedName,
  arrival: WebhookArrival,
  { hooks, report, resources }: WebhookContext,
): Promise<Source> {
  if (hooks === undefined)
    throw new BridgeError('CONFIG_INVALID', `${feed} takes webhooks, but listen.hooks is not set`);
  const source = createWebhookSource({ feed, bound: hooks.bound, report });
  resources.use(await hooks.register({ feed, arrival, intake: source }));
  return source;
}
