import type { Condition } from '../core/condition.ts';
import type { AnyConnector, FeedDefinition } from '../core/connector.ts';
import type { OnPoison } from '../core/on-poison.ts';
import type { Secret } from '../core/secret.ts';
import type { AnySinkType } from '../core/sink-type.ts';
import type { AckPoint } from './ack.ts';
import type { DeliveryPromise } from './delivery.ts';

/** Where a listener is opened. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export interface DestinationDefinition {
  /** For messages, where it is one of several: its broker, and its place in the list where the broker has several. */
  readonly name: string | undefined;
  /** Equal for equal settings, and not for others. Tells nothing of them. */
  readonly identity: string;
  readonly brokerName: string;
  readonly sinkType: AnySinkType;
  /** As the sink type's `broker` and `destination` schemas parsed them. */
  readonly broker: unknown;
  readonly destination: unknown;
  /** Which events it gets; undefined: all. */
  readonly when: Condition | undefined;
}

/** Digests of settings, secrets' values included: equal for equal settings. For comparing, and never shown. */
export interface PipelineFingerprint {
  /** The pipeline without its name, and the brokers that it names. */
  readonly whole: string;
  /** What stands under `from`. */
  readonly from: string;
}

export interface PipelineDefinition {
  readonly name: string;
  readonly connector: AnyConnector;
  readonly feeds: readonly FeedDefinition[];
  /** One at least. */
  readonly to: readonly DestinationDefinition[];
  readonly ack: AckPoint;
  readonly delivery: DeliveryPromise;
  readonly onPoison: OnPoison;
  /** Where copies of its dead letters go; undefined: they are in the local store alone. */
  readonly deadLetters: DestinationDefinition | undefined;
  /** Where the pipeline stands in the file, for findings: `file:line:column`. */
  readonly position: string;
  readonly fingerprint: PipelineFingerprint;
}

/** A whole configuration that has been found good. Times in milliseconds; paths resolved against the file's folder. */
export interface Configuration {
  readonly file: string;
  /** The file's folder, absolute. */
  readonly baseDir: string;
  readonly state: {
    readonly dir: string;
    readonly keepReceiptsMs: number;
    /** False: raw batches are not kept. */
    readonly keepRawMs: number | false;
    /** `maxAgeMs`: absent where age is no matter. */
    readonly spool: { readonly maxBytes: number; readonly maxAgeMs?: number };
    /** Where `dir` stands in the file, as `file:line:column`; undefined where it is left out. */
    readonly position: string | undefined;
  };
  readonly listen: {
    readonly health: ListenAddress;
    readonly admin: ListenAddress & { readonly token: Secret | undefined };
  };
  /** Where `listen` stands in the file, as that of `state`. */
  readonly listenPosition: string | undefined;
  readonly pipelines: readonly PipelineDefinition[];
}
