import type { z } from 'zod';
import type { FeedName } from './batch.ts';
import type { OpenClaims } from './claims.ts';
import type { Envelope } from './envelope.ts';
import type { Sink } from './sink.ts';
import type { SinkReader } from './sink-reader.ts';
import type { TokenSettings, TokenSource } from './token-source.ts';

export interface SinkContext {
  readonly pipeline: string;
  /** The broker's name in the configuration, for messages. */
  readonly brokerName: string;
  /** The configuration file's folder, absolute: relative paths in the settings are resolved against it. */
  readonly baseDir: string;
  /** Told when a crash had left a half-written end in a file of the sink, and it was cut off. Nothing confirmed is in it. */
  readonly onRepaired?: ((file: string, droppedBytes: number) => void) | undefined;
  /** Whether the sink has to be a TransactionalSink. Default: not. */
  readonly exactlyOnce?: boolean;
  /** Opens a store for what the broker does not take. To be called in `open` alone. Absent: nothing is published here. */
  readonly openClaims?: OpenClaims | undefined;
  /** Opens a source of access tokens, closed after the sink. Throws CONFIG_INVALID. Absent: no broker here wants tokens. */
  readonly openTokens?: ((settings: TokenSettings) => TokenSource) | undefined;
}

/** A setting of the destination that does not go with the broker's. */
export interface SettingRefusal {
  /** Under `to`. */
  readonly key: string;
  /** As sentences, without secrets. */
  readonly message: string;
  readonly hint: string;
}

/** Where the events of a pipeline go, as `Routed.destination` names it, as far as the settings alone tell. */
export interface Place {
  /** Throws EVENT_UNROUTABLE when the event lacks an attribute that it depends on. */
  render(envelope: Envelope, feed: FeedName): string;
  /** Where every event of the feed goes; undefined when that depends on the event. */
  renderFeed(feed: FeedName): string | undefined;
}

/** One kind of broker. `Broker` stands under `brokers`, `Destination` under `to`, both parsed. */
export interface SinkType<Broker, Destination> {
  readonly type: string;
  /** Strict, with `type` as a literal. */
  readonly broker: z.ZodType<Broker>;
  /** Strict, with `broker` as a string. */
  readonly destination: z.ZodType<Destination>;
  /** What is wrong about the two together. Default: nothing. */
  refuse?(broker: Broker, destination: Destination): readonly SettingRefusal[];
  /**
   * Only where the broker has transactions: why these settings do not go with exactly-once; undefined: they do, and `open`
   * gives a TransactionalSink.
   */
  refuseExactlyOnce?(broker: Broker, destination: Destination): Omit<SettingRefusal, 'key'> | undefined;
  /** Equal for destinations that are the same one at a broker. Pure. */
  place(destination: Destination, pipeline: string): Place;
  /** Where it keeps events on a disk of this machine; absolute. Default: it keeps them elsewhere. */
  disk?(broker: Broker, baseDir: string): string;
  /** Loads the client library and gives a sink that connects when first used: a broker that is down is no error here. */
  open(broker: Broker, destination: Destination, context: SinkContext): Promise<Sink>;
  /**
   * Only where what was published can be read without taking it away. As `open`; reads at the places of receipts of any
   * destination of the broker.
   */
  openReader?(broker: Broker, context: SinkContext): Promise<SinkReader>;
}

/** A sink type whose configuration types have been closed over: what a registry holds. */
export interface AnySinkType {
  readonly type: string;
  readonly broker: z.ZodType;
  readonly destination: z.ZodType;
  refuse(broker: unknown, destination: unknown): readonly SettingRefusal[];
  /** Why there is no exactly-once with these settings; undefined: there is. */
  refuseExactlyOnce(broker: unknown, destination: unknown): Omit<SettingRefusal, 'key'> | undefined;
  place(destination: unknown, pipeline: string): Place;
  disk(broker: unknown, baseDir: string): string | undefined;
  open(broker: unknown, destination: unknown, context: SinkContext): Promise<Sink>;
  /** Undefined: what it has cannot be read without taking it away. */
  readonly openReader: ((broker: unknown, context: SinkContext) => Promise<SinkReader>) | undefined;
}

/** Makes a sink type ready for the registry. The casts are safe because the loader hands back what the schemas parsed. */
export function defineSinkType<Broker, Destination>(sinkType: SinkType<Broker, Destination>): AnySinkType {
  const { openReader } = sinkType;
  return {
    ...sinkType,
    refuse: (broker, destination) => sinkType.refuse?.(broker as Broker, destination as Destination) ?? [],
    refuseExactlyOnce: (broker, destination) =>
      sinkType.refuseExactlyOnce
        ? sinkType.refuseExactlyOnce(broker as Broker, destination as Destination)
        : {
            message: `A broker of type ${sinkType.type} has no transactions.`,
            hint: 'Remove it: at-least-once is the default, and consumers de-duplicate by source and id. Or publish to Kafka.',
          },
    place: (destination, pipeline) => sinkType.place(destination as Destination, pipeline),
    disk: (broker, baseDir) => sinkType.disk?.(broker as Broker, baseDir),
    open: (broker, destination, context) => sinkType.open(broker as Broker, destination as Destination, context),
    openReader: openReader && ((broker, context) => openReader(broker as Broker, context)),
  };
}
