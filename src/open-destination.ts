import { claimsOpener } from './claims/open-claims.ts';
import type { DestinationDefinition } from './config/configuration.ts';
import type { Sink } from './core/sink.ts';
import type { ProxySettings } from './http/channel.ts';
import { tokenOpener } from './open-tokens.ts';
import type { BackoffPolicy } from './pipeline/backoff.ts';
import { createDeadLetterCopies, type DeadLetterCopies } from './pipeline/dead-letter-copies.ts';
import { atDestination, type Destination } from './pipeline/destination.ts';
import { createLanesPublisher } from './pipeline/lanes.ts';
import type { Report } from './telemetry/events.ts';

export interface DestinationContext {
  readonly proxy: ProxySettings;
  readonly report: Report;
  /** What relative paths of the configuration refer to. */
  readonly baseDir: string;
  /** Takes what has to be closed in the end. */
  readonly resources: AsyncDisposableStack;
  /** Between attempts to publish. */
  readonly backoff: BackoffPolicy;
}

export interface OpenedDestination {
  readonly destination: Destination;
  /** That of its publisher, which closes it. */
  readonly sink: Sink;
}

function placesOf(sink: Sink): NonNullable<Destination['placeOf']> {
  return (envelope, feed) => {
    try {
      return JSON.stringify(sink.route(envelope, feed).address);
    } catch {
      // The publisher meets it too, and says why.
      return undefined;
    }
  };
}

/** Opens one destination of a pipeline, with a sink of its own. */
export async function openDestination(
  pipeline: string,
  to: DestinationDefinition,
  context: DestinationContext,
  exactlyOnce = false,
): Promise<OpenedDestination> {
  const { proxy, resources, baseDir, backoff } = context;
  const { name, identity, when: wants } = to;
  const report: Report = (event) =>
    context.report(event.event === 'attempt.failed' ? { ...event, error: atDestination(event.error, name) } : event);
  const sink = await to.sinkType.open(to.broker, to.destination, {
    pipeline,
    brokerName: to.brokerName,
    baseDir,
    exactlyOnce,
    onRepaired: (file, droppedBytes) => report({ event: 'log.repaired', file, droppedBytes }),
    openClaims: claimsOpener(baseDir, resources),
    openTokens: tokenOpener({ proxy, subject: pipeline, report }, resources),
  });
  const publisher = resources.use(createLanesPublisher(sink, report, backoff));
  return { destination: { name, identity, publisher, wants, placeOf: placesOf(sink) }, sink };
}

/** Opens where copies of dead letters go; undefined: nowhere. It connects with the first of them. */
export async function openCopies(
  pipeline: string,
  to: DestinationDefinition | undefined,
  context: DestinationContext,
): Promise<DeadLetterCopies | undefined> {
  if (to === undefined) return undefined;
  const { destination } = await openDestination(pipeline, to, context);
  return createDeadLetterCopies(destination.publisher, context.report);
}
