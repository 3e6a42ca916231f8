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

/** The listener for webhooks. Times in milliseconds. */
export interface HooksListen extends ListenAddress {
  /** Absent: plain HTTP, behind a proxy that has TLS. `clientCa`: who signs the certificates of senders. */
  readonly tls?: { readonly cert: Secret; readonly key: Secret; readonly clientCa?: Secret | undefined } | undefined;
  readonly maxConnections: number;
  /** Requests, and bytes of their bodies, that are in flight at once. */
  readonly maxRequests: number;
  readonly maxBytes: number;
  readonly headersTimeoutMs: number;
  readonly bodyTimeoutMs: number;
  /** Addresses and CIDR blocks of proxies that are believed when they say for whom they speak, and in which header. */
  readonly trustedProxies: readonly string[];
  readonly forwardedHeader: 'x-forwarded-for' | 'forwarded';
}

/** The listener for requests through the bridge. */
export interface RequestsListen extends ListenAddress {
  /** Absent: only programs on this machine are served. */
  readonly token: Secret | undefined;
  /** Requests, and bytes of their bodies, that are in flight at once. */
  readonly maxRequests: number;
  readonly maxBytes: number;
  readonly maxBodyBytes: number;
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
  /** Whether receipts and raw batches are kept of it. Undefined: of what is polled. */
  readonly archive: boolean | undefined;
  /** Where copies of its dead letters go; undefined: they are in the local store alone. */
  readonly deadLetters: DestinationDefinition | undefined;
  /** Where it is told how jobs go; absent: the log tells it. */
  readonly bridgeEvents?: DestinationDefinition | undefined;
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
    readonly hooks?: HooksListen | undefined;
    readonly requests?: RequestsListen | undefined;
  };
  /** Where senders reach the listener for webhooks, without a slash at the end. */
  readonly publicUrl?: string | undefined;
  /** Where `listen` stands in the file, as that of `state`. */
  readonly listenPosition: string | undefined;
  readonly pipelines: readonly PipelineDefinition[];
}
