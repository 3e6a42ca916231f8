import type { AnyConnector, FeedDefinition } from '../../../src/core/connector.ts';
import type { ErrorCode } from '../../../src/core/errors.ts';
import type { RecordContext } from '../../../src/core/normalise.ts';
import type { RawRecord } from '../../../src/core/record.ts';

/** A record by name, and what must become of it: an event, nothing, or a dead letter of this code. */
export interface SampleRecord {
  readonly name: string;
  readonly record: RawRecord;
  readonly becomes: 'event' | 'filtered' | ErrorCode;
}

/** A record, and the event or dead letter that it must become, as a JSON value. */
export interface GoldenRecord {
  readonly name: string;
  readonly record: RawRecord;
  readonly context: RecordContext;
  readonly envelope: unknown;
}

/** A connector to be tested, with what only it can know. */
export interface ConnectorDefinition {
  readonly connector: AnyConnector;
  /** A good `from`, as a user writes it. Its first feed gets the records. Secrets in it contain `hush`. */
  readonly from: Readonly<Record<string, unknown>>;
  /** Good, odd and bad ones; at least one of each. */
  readonly records: readonly SampleRecord[];
  readonly goldenEvents: readonly GoldenRecord[];
  readonly goldenDeadLetters: readonly GoldenRecord[];
  /** Its records are no JSON, and data is made of them. Default: data is the record, byte for byte. */
  readonly rewrites?: true;
}

export type ConnectorPromises = Readonly<Record<string, () => void>>;

export function feedsOf({ connector, from }: ConnectorDefinition): readonly FeedDefinition[] {
  return connector.feeds(connector.config.parse(from));
}

export function firstFeed(definition: ConnectorDefinition): FeedDefinition {
  const [feed] = feedsOf(definition);
  if (feed === undefined) throw new Error(`${definition.connector.name} has no feed with the configuration given`);
  return feed;
}

export const someContext: RecordContext = { batchId: 'batch-7', index: 3 };
