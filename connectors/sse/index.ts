import { type AnyConnector, defineConnector, type FeedDefinition } from '../../src/core/connector.ts';
import type { StreamTreatment } from '../../src/core/stream.ts';
import { refusalByWords } from '../../src/kit/stream-refusal.ts';
import { toStreamArrival } from '../../src/kit/stream-settings.ts';
import { configSchema, type SseConfig } from './config.ts';
import { sseNormalise, sseSource } from './normalise.ts';

function wordsOf({ auth, retry, fatal }: SseConfig['errors']): Readonly<Record<string, StreamTreatment>> {
  const all = (words: readonly string[], treat: StreamTreatment) => words.map((word) => [word, treat] as const);
  return Object.fromEntries([...all(auth, 'auth'), ...all(retry, 'retry'), ...all(fatal, 'fatal')]);
}

function feedsOf(config: SseConfig): readonly FeedDefinition[] {
  const { connector: _connector, account, path, content, event, errors, ...stream } = config;
  return [
    {
      name: 'events',
      source: sseSource(account),
      ids: 'digest' in event.id ? 'state' : 'event',
      normalise: sseNormalise({ account, content, event }),
      steps: [],
      arrival: toStreamArrival(stream, {
        path,
        scheme: 'Bearer',
        mediaType: content === 'json' ? 'application/json' : 'text/plain',
        refusal: refusalByWords(wordsOf(errors)),
      }),
    },
  ];
}

export const sse: AnyConnector = defineConnector({
  name: 'sse',
  summary: 'Any stream of server-sent events; their fields named by JSON Pointers or JSONata',
  config: configSchema,
  feeds: feedsOf,
});
