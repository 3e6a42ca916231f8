import { configurationPromises } from './connector/configuration.ts';
import type { ConnectorDefinition, ConnectorPromises } from './connector/definition.ts';
import { envelopePromises } from './connector/envelopes.ts';
import { goldenPromises } from './connector/golden.ts';
import { pollPromises } from './connector/poll.ts';
import { purityPromises } from './connector/purity.ts';
import { webhookPromises } from './connector/webhook.ts';

/** Everything that a connector promises, whatever its upstream. Hand each to the test runner. */
export function connectorConformance(
  definition: ConnectorDefinition,
): readonly { readonly name: string; readonly run: () => void }[] {
  const promises: ConnectorPromises = {
    ...configurationPromises(definition),
    ...goldenPromises(definition),
    ...purityPromises(definition),
    ...envelopePromises(definition),
    ...pollPromises(definition),
    ...webhookPromises(definition),
  };
  return Object.entries(promises).map(([name, run]) => ({ name, run }));
}
