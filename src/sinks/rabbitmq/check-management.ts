import { BridgeError } from '../../core/errors.ts';
import type { Finding } from '../../core/finding.ts';
import { checkExchange } from './check-exchange.ts';
import { type FeedPlace, missing } from './check-place.ts';
import { checkQueue, describeQueue } from './check-queue.ts';
import type { Management } from './management-client.ts';
import { type ExchangeFacts, exchangeFacts } from './management-facts.ts';
import type { Site } from './prepare.ts';
import type { Commands } from './topology-commands.ts';
import { vhostOf } from './url.ts';

/** A feed runs without the management API: that it does not answer is no error. */
function unseen(subject: string, { code, message, hint }: BridgeError): Finding {
  return { severity: 'warning', subject, code, message, hint };
}

function judge(site: Site, place: FeedPlace, facts: ExchangeFacts, commands: Commands): readonly Finding[] {
  const { feed, exchange, queue, bindingKey } = place;
  const { queues, hiddenPolicy } = facts;
  const findings: Finding[] = [];
  const names = queues.map(describeQueue).join(', ');
  if (queues.length > 0) {
    findings.push({ severity: 'ok', subject: feed, message: `exchange ${exchange} leads to ${names}` });
  }
  for (const weakness of checkExchange(facts, site.topology)) {
    findings.push({ ...weakness, subject: feed, message: `exchange ${exchange} ${weakness.message}` });
  }
  if (hiddenPolicy) findings.push(unseen(feed, hiddenPolicy));
  for (const bound of queues) {
    for (const weakness of checkQueue(bound)) {
      findings.push({ ...weakness, subject: feed, message: `queue ${bound.name} ${weakness.message}` });
    }
  }
  if (queue !== undefined && !queues.some(({ name }) => name === queue)) {
    const unbound = new BridgeError('DESTINATION_MISSING', `queue ${queue} is not bound to exchange ${exchange}`);
    findings.push(missing(feed, site, unbound, commands.binding(exchange, queue, bindingKey)));
  }
  return findings;
}

/** What AMQP tells nothing of: alternate exchange, bindings, and how safe the bound queues are. Never rejects. */
export async function checkByManagement(
  management: Management,
  site: Site,
  place: FeedPlace,
  commands: Commands,
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const facts = await exchangeFacts(management, vhostOf(site.host), place.exchange, signal);
  if (facts === undefined) return [];
  return facts instanceof BridgeError ? [unseen(place.feed, facts)] : judge(site, place, facts, commands);
}
