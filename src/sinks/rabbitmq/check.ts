import type { FeedName } from '../../core/batch.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import type { Template } from '../template.ts';
import { orAborted } from './abort.ts';
import { checkName } from './address.ts';
import type { RabbitmqDestination } from './config.ts';
import { type Connection, type Login, openConnection } from './connection.ts';
import { declareExchangeCommand } from './exchange-command.ts';
import { findExchange } from './exchanges.ts';
import { addressOf, type Host, vhostOf } from './url.ts';

export interface Checked {
  readonly hosts: readonly Host[];
  readonly login: Login;
  readonly destination: RabbitmqDestination;
  /** The destination's, compiled. */
  readonly exchange: Template;
}

const answerMs = 5_000;

function problem(subject: string, { code, message, hint }: BridgeError): Finding {
  return { severity: 'error', subject, code, message, hint };
}

/** Which exchange a feed's events go to, why there can be none, or undefined where it depends on the event. */
function exchangeOf(feed: FeedName, template: Template): string | BridgeError | undefined {
  try {
    const name = template.renderFeed(feed);
    if (name !== undefined) checkName('exchange', name);
    return name;
  } catch (error) {
    return toBridgeError(error);
  }
}

async function checkFeed(
  { login, destination, exchange: template }: Checked,
  { model, host }: Connection,
  feed: FeedName,
  signal: AbortSignal,
): Promise<Finding> {
  const exchange = exchangeOf(feed, template);
  if (exchange instanceof BridgeError) return problem(feed, exchange);
  if (exchange === undefined) {
    const message = `exchange ${destination.exchange} depends on the event: whether it exists cannot be looked at`;
    return { severity: 'ok', subject: feed, message };
  }
  const missing = await orAborted(findExchange(model, host, login.brokerName, exchange), signal);
  if (!missing) {
    const message = `exchange ${exchange} is there; AMQP does not tell what is bound to it: an event that no queue takes halts the feed`;
    return { severity: 'ok', subject: feed, message };
  }
  if (missing.code !== 'DESTINATION_MISSING') return problem(feed, missing);
  return {
    ...problem(feed, missing),
    severity: 'error',
    code: missing.code,
    hint: 'Create it and bind a queue to it, or correct its name; the bridge creates none.',
    command: declareExchangeCommand(exchange, host, login.broker),
  };
}

/** Whether each host lets us in, and the exchange of each feed is there. Changes nothing, never rejects. */
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
    const findings = connections.map((connection, at): Finding => {
      if (connection instanceof BridgeError) return problem(login.brokerName, connection);
      const { host } = connection;
      const message = `${addressOf(host)} is reachable, and lets us into the virtual host ${vhostOf(host)}`;
      return {
        severity: 'ok',
        subject: login.brokerName,
        message: hosts.length > 1 ? `${at + 1}: ${message}` : message,
      };
    });
    const open = connections.find((connection) => !(connection instanceof BridgeError));
    if (!open || open instanceof BridgeError) return findings;
    return [...findings, ...(await Promise.all(feeds.map((feed) => checkFeed(checked, open, feed, bounded.signal))))];
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
    await Promise.all(connections.map((connection) => connection instanceof BridgeError || connection.close()));
  }
}
