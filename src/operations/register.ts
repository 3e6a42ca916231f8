import type { FeedName } from '../core/batch.ts';
import type { FeedDefinition } from '../core/connector.ts';
import { BridgeError } from '../core/errors.ts';
import type { State } from '../core/state.ts';
import type { ProxySettings } from '../http/channel.ts';
import { createHttpClient } from '../http/client.ts';
import { callbackUrl } from '../registration/callback-url.ts';
import type { Keeper } from '../registration/keeper.ts';
import { createRegistrar, type Registered } from '../registration/registrar.ts';
import type { Report } from '../telemetry/events.ts';

export interface RegisterContext {
  readonly state: Pick<State, 'registrations'>;
  readonly definition: FeedDefinition;
  readonly publicUrl: string | undefined;
  /** That of the running feed; absent: no daemon runs, or none keeps it. */
  readonly keeper: Keeper | undefined;
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly signal: AbortSignal;
}

/** By the daemon's keeper where there is one: two at a time would make it twice. */
export async function actOnRegistration(
  feed: FeedName,
  act: 'register' | 'unregister',
  { state, definition, publicUrl, keeper, proxy, report, signal }: RegisterContext,
): Promise<Registered> {
  if (keeper !== undefined) return keeper[act]();
  const { arrival } = definition;
  if (arrival.kind !== 'webhook' || arrival.registration === undefined || publicUrl === undefined) {
    throw new BridgeError('FEED_NOT_CAPABLE', `${feed} has no \`register\` in the configuration`);
  }
  const { registration } = arrival;
  await using client = createHttpClient(registration.endpoint, { proxy, subject: feed, report });
  const registrar = createRegistrar({
    feed,
    registration,
    callback: callbackUrl(publicUrl, arrival),
    client,
    store: state.registrations,
    now: Date.now,
    signal,
  });
  return await (act === 'register' ? registrar.ensure({ again: true }) : registrar.withdraw());
}
