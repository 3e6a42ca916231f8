import type { QueueFacts } from './management-facts.ts';
import type { Weakness } from './weakness.ts';

const quorum = 'A quorum queue on three machines loses nothing and goes on when one of them fails.';

function drops(message: string, hint: string): Weakness {
  return { severity: 'warning', code: 'DESTINATION_UNSAFE', message, hint };
}

/** Settings with which confirmed events vanish from the queue before anybody has had them. */
function* checkSettings({ type, settings }: QueueFacts): Generator<Weakness> {
  if (settings['expires'] !== undefined) {
    yield drops('is deleted when nobody uses it for a while (expires)', 'Remove the setting.');
  }
  if (type === 'stream' || settings['dead-letter-exchange'] !== undefined) return;
  const limits = ['max-length', 'max-length-bytes'].filter((name) => settings[name] !== undefined);
  const overflow = settings['overflow'] ?? 'drop-head';
  if (limits.length > 0 && overflow === 'drop-head') {
    yield drops(
      `has a limit (${limits.join(', ')}) beyond which it drops its oldest events (overflow: drop-head)`,
      'Set overflow: reject-publish, with which the bridge waits; or a dead-letter-exchange.',
    );
  }
  if (settings['message-ttl'] !== undefined) {
    yield drops(
      `drops events after ${settings['message-ttl']} ms (message-ttl)`,
      'Remove the setting, or set a dead-letter-exchange.',
    );
  }
  if (settings['delivery-limit'] !== undefined) {
    yield drops(
      `drops an event that consumers gave back ${settings['delivery-limit']} times (delivery-limit)`,
      'Set a dead-letter-exchange.',
    );
  }
}

/** What could lose confirmed events, or stop the feed. */
export function* checkQueue(queue: QueueFacts): Generator<Weakness> {
  const { durable, fleeting, machines } = queue;
  if (!durable) yield drops('does not survive a restart of the broker (not durable)', quorum);
  if (fleeting) yield drops('goes with its consumers (auto-delete or exclusive)', quorum);
  yield* checkSettings(queue);
  if (machines === 1) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_NOT_REPLICATED',
      message: `is on one machine (${queue.type}): confirmed events are lost with it`,
      hint: `Good enough to try things out. ${quorum}`,
    };
  } else if (machines === 2) {
    yield {
      severity: 'warning',
      code: 'DESTINATION_FRAGILE',
      message: 'is on two machines: one of them down stops publishing; nothing is lost, events wait upstream',
      hint: quorum,
    };
  }
}

/** As in `os1 (quorum, on 3 machines)`. */
export function describeQueue({ name, type, machines }: QueueFacts): string {
  if (machines === undefined) return `${name} (${type})`;
  return `${name} (${type}, on ${machines} machine${machines === 1 ? '' : 's'})`;
}
