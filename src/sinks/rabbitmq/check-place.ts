import type { FeedName } from '../../core/batch.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import { findExchange, findQueue, type Site } from './prepare.ts';
import { mayCreateExchange, mayCreateQueue, mayWrite } from './probes.ts';
import type { Commands } from './topology-commands.ts';

/** Where all events of a feed go. */
export interface FeedPlace {
  readonly feed: FeedName;
  readonly exchange: string;
  /** Undefined where it depends on the event. */
  readonly routingKey: string | undefined;
  /** Undefined where there is none, or it depends on the event. */
  readonly queue: string | undefined;
  readonly bindingKey: string | undefined;
}

/** What AMQP alone says of a feed's place. */
export interface PlaceCheck {
  readonly findings: readonly Finding[];
  readonly hasExchange: boolean;
  /** Undefined: not asked for. */
  readonly hasQueue?: boolean;
}

export function problem(subject: string, { code, message, hint }: BridgeError): Finding {
  return { severity: 'error', subject, code, message, hint };
}

/** What is missing: an error, unless the bridge creates it. */
export function missing(feed: FeedName, site: Site, error: BridgeError, command: string): Finding {
  const { code, message } = error;
  const declared = site.topology?.mode === 'declare';
  return {
    severity: declared ? 'warning' : 'error',
    subject: feed,
    code,
    message: declared ? `${message} yet: it will be created before the first event` : message,
    hint: declared
      ? 'Nothing has to be done; the command creates it beforehand, or shows what it will be.'
      : 'Create it, or correct its name; the bridge creates none unless topology.mode is declare. An exchange needs a queue, too.',
    command,
  };
}

async function checkExchange(site: Site, place: FeedPlace, commands: Commands): Promise<PlaceCheck> {
  const { feed, exchange, routingKey } = place;
  const absent = await findExchange(site, exchange);
  if (absent && absent.code !== 'DESTINATION_MISSING') return { findings: [problem(feed, absent)], hasExchange: false };
  if (absent) {
    const findings = [missing(feed, site, absent, commands.exchange(exchange))];
    const refused = site.topology?.mode === 'declare' && (await mayCreateExchange(site, exchange, site.topology.type));
    return { findings: refused ? [...findings, problem(feed, refused)] : findings, hasExchange: false };
  }
  const refused = await mayWrite(site, exchange, routingKey);
  const there = { severity: 'ok', subject: feed, message: `exchange ${exchange} is there` } as const;
  const may = { ...there, message: `${there.message}, and the account may write to it` };
  return { findings: refused ? [there, problem(feed, refused)] : [may], hasExchange: true };
}

/** Never rejects; may take for ever where the broker does not answer. */
export async function checkPlace(site: Site, place: FeedPlace, commands: Commands): Promise<PlaceCheck> {
  const { feed, exchange, queue, bindingKey } = place;
  const checked = await checkExchange(site, place, commands);
  if (queue === undefined) return checked;
  const findings = [...checked.findings];
  const absent = await findQueue(site, queue);
  if (!absent) findings.push({ severity: 'ok', subject: feed, message: `queue ${queue} is there` });
  else if (absent.code !== 'DESTINATION_MISSING') findings.push(problem(feed, absent));
  else {
    findings.push(missing(feed, site, absent, commands.queue(queue)));
    const refused = site.topology?.mode === 'declare' && (await mayCreateQueue(site, queue));
    if (refused) findings.push(problem(feed, refused));
  }
  if (absent?.code === 'DESTINATION_MISSING' || !checked.hasExchange) {
    const unbound = new BridgeError('DESTINATION_MISSING', `queue ${queue} is not bound to exchange ${exchange}`);
    findings.push(missing(feed, site, unbound, commands.binding(exchange, queue, bindingKey)));
  }
  return { findings, hasExchange: checked.hasExchange, hasQueue: !absent };
}
