import type { FeedName } from './core/batch.ts';
import type { WebhookArrival } from './core/connector.ts';
import { BridgeError } from './core/errors.ts';
import type { Hooks } from './core/hook.ts';
import type { Source } from './core/source.ts';
import type { State } from './core/state.ts';
import type { ProxySettings } from './http/channel.ts';
import { createHttpClient } from './http/client.ts';
import { callbackUrl } from './registration/callback-url.ts';
import { type Keeper, startKeeper } from './registration/keeper.ts';
import { createWebhookSource } from './sources/webhook/webhook-source.ts';
import type { Report } from './telemetry/events.ts';

export interface WebhookContext {
  /** Absent: no listener is configured. */
  readonly hooks?: Hooks | undefined;
  /** Where senders reach it; absent: nothing is registered. */
  readonly publicUrl?: string | undefined;
  readonly state: Pick<State, 'registrations'>;
  readonly proxy: ProxySettings;
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

/** Has the upstream told where to send, and keeps it so; undefined: people tell it. */
export function openRegistration(
  feed: FeedName,
  arrival: WebhookArrival,
  { publicUrl, state, proxy, report, resources }: WebhookContext,
): Keeper | undefined {
  const { registration } = arrival;
  if (registration === undefined || publicUrl === undefined) return undefined;
  const client = resources.use(createHttpClient(registration.endpoint, { proxy, subject: feed, report }));
  return resources.use(
    startKeeper({
      feed,
      registration,
      callback: callbackUrl(publicUrl, arrival),
      client,
      store: state.registrations,
      now: Date.now,
      report,
    }),
  );
}
