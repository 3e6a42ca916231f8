import type { DestinationDefinition } from '../config/configuration.ts';
import type { ProxySettings } from '../http/channel.ts';
import { tokenOpener } from '../open-tokens.ts';
import type { Report } from '../telemetry/events.ts';
import type { AuditedBroker } from './audit-feed.ts';

export interface BrokersContext {
  readonly proxy: ProxySettings;
  readonly report: Report;
  readonly baseDir: string;
  /** Takes what has to be closed in the end. */
  readonly resources: AsyncDisposableStack;
}

/** The brokers of a pipeline's destinations, by name, with readers of their own. They connect when first used. */
export async function openAuditedBrokers(
  pipeline: string,
  to: readonly DestinationDefinition[],
  { proxy, report, baseDir, resources }: BrokersContext,
): Promise<ReadonlyMap<string, AuditedBroker>> {
  const brokers = new Map<string, AuditedBroker>();
  for (const { brokerName, sinkType, broker } of to) {
    if (brokers.has(brokerName)) continue;
    const openTokens = tokenOpener({ proxy, subject: pipeline, report }, resources);
    const opened = await sinkType.openReader?.(broker, { pipeline, brokerName, baseDir, openTokens });
    brokers.set(brokerName, { type: sinkType.type, reader: opened && resources.use(opened) });
  }
  return brokers;
}
