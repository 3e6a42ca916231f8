import { type AnyConnector, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import { refusalByWords } from '../../src/kit/stream-refusal.ts';
import { toStreamArrival } from '../../src/kit/stream-settings.ts';
import { configSchema, type GiniConfig } from './config.ts';
import { giniNormalise, giniSource } from './normalise.ts';
import { documentsOfGap } from './reconcile.ts';

/** All are told with status 200, in the place of events. */
const errors = { auth_required: 'auth', auth_failed: 'auth', not_accepted: 'fatal' } as const;

function feedsOf(config: GiniConfig): readonly FeedDefinition[] {
  const { connector: _connector, account, reconcile, typePrefix, ...stream } = config;
  return [
    {
      name: 'documents',
      source: giniSource(account),
      ids: 'state',
      normalise: giniNormalise({ account, typePrefix }),
      steps: [],
      arrival: toStreamArrival(stream, {
        path: 'events/client',
        // As Gini writes it.
        scheme: 'BEARER',
        mediaType: 'application/json',
        refusal: refusalByWords(errors),
        ...(reconcile && { reconcile: documentsOfGap(reconcile) }),
      }),
    },
  ];
}

export const gini: AnyConnector = defineConnector({
  name: 'gini',
  summary: 'Gini: document status over server-sent events',
  config: configSchema,
  feeds: feedsOf,
});
