import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import { orAborted } from './abort.ts';
import { checkByManagement } from './check-management.ts';
import { checkPlace, type FeedPlace, problem } from './check-place.ts';
import type { RabbitmqDestination } from './config.ts';
import { type Connection, type Login, openConnection } from './connection.ts';
import { type Management, openManagement } from './management-client.ts';
import { type Places, placesOf } from './place.ts';
import { createCommands } from './topology-commands.ts';
import { addressOf, type Host, vhostOf } from './url.ts';

export interface Checked {
  readonly hosts: readonly Host[];
  readonly login: Login;
  readonly destination: RabbitmqDestination;
  /** The destination's. */
  readonly places: Places;
}

const answerMs = 5_000;

/** Where a feed's events go, or what there is to say where that cannot be told beforehand. */
function placeOfFeed({ places, destination }: Checked, feed: FeedName): FeedPlace | Finding {
  try {
    const { exchange, ...others } = placesOf(places, feed);
    if (exchange !== undefined) return { feed, exchange, ...others };
    const message = `exchange ${destination.exchange} depends on the event: whether it exists cannot be looked at`;
    return { severity: 'ok', subject: feed, message };
  } catch (error) {
    return problem(feed, toBridgeError(error));
  }
}

async function checkFeed(
  checked: Checked,
  { model, host }: Connection,
  management: Management | undefined,
  feed: FeedName,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { login, destination } = checked;
  const place = placeOfFeed(checked, feed);
  if ('severity' in place) return [place];
  const site = { model, host, brokerName: login.brokerName, topology: destination.topology };
  const commands = createCommands(host, login.broker, destination.topology);
  const found = await orAborted(checkPlace(site, place, commands), signal);
  if (found instanceof BridgeError) return [problem(feed, found)];
  const { findings, hasExchange, hasQueue = true } = found;
  if (!management || !hasExchange) return findings;
  // A queue that is not there is known not to be bound.
  const known = hasQueue ? place : { ...place, queue: undefined };
  return [...findings, ...(await checkByManagement(management, site, known, commands, signal))];
}

function checkHost(connection: Connection | BridgeError, { brokerName }: Login, number: string): Finding {
  if (connection instanceof BridgeError) return problem(brokerName, connection);
  const { host } = connection;
  const message = `${number}${addressOf(host)} is reachable, and lets us into the virtual host ${vhostOf(host)}`;
  return { severity: 'ok', subject: brokerName, message };
}

function unseen({ brokerName }: Login): Finding {
  const message =
    'AMQP tells nothing of queues, bindings, policies and an alternate exchange: set management to have these looked at';
  return { severity: 'ok', subject: brokerName, message };
}

/** Whether each host lets us in, and the events of each feed can go where they should. Changes nothing, never rejects. */
export async function checkRabbitmq(
  checked: Checked,
  feeds: readonly FeedName[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const { hosts, login } = checked;
  const bounded = new AbortController();
  const stop = () => bounded.abort(new BridgeError('STOPPING', 'the check was broken off'));
  const late = new BridgeError('BROKER_TIMEOUT', `${login.brokerName} did not answer within ${answerMs} ms`);
  const timer = setTimeout(() => bounded.abort(late), answerMs);
  if (signal.aborted) stop();
  else signal.addEventListener('abort', stop, { once: true });
  const connections = await Promise.all(hosts.map((host) => openConnection(host, login, bounded.signal)));
  try {
    const findings = connections.map((connection, at) =>
      checkHost(connection, login, hosts.length > 1 ? `${at + 1}: ` : ''),
    );
    const open = connections.find((connection) => !(connection instanceof BridgeError));
    if (!open || open instanceof BridgeError) return findings;
    open.model.once('blocked', (reason) => {
      bounded.abort(new BridgeError('BROKER_UNAVAILABLE', `${login.brokerName} takes no events for now: ${reason}`));
    });
    const management = openManagement(login.broker, login.brokerName);
    const ofFeeds = feeds.map((feed) => checkFeed(checked, open, management, feed, bounded.signal));
    return [...findings, ...(management ? [] : [unseen(login)]), ...(await Promise.all(ofFeeds)).flat()];
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await Promise.all(connections.map((connection) => connection instanceof BridgeError || connection.close()));
  }
}
