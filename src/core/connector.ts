import type { z } from 'zod';
import type { Downloads } from './downloads.ts';
import type { Endpoint } from './http.ts';
import type { MailboxArrival } from './mailbox.ts';
import type { Normalise } from './normalise.ts';
import type { PollProtocol } from './poll-protocol.ts';
import type { RawRecord } from './record.ts';
import type { Registration } from './registration.ts';
import type { Jobs } from './requests.ts';
import type { Schedule } from './schedule.ts';
import type { Step } from './step.ts';
import type { StreamArrival } from './stream.ts';
import type { Verification } from './verification.ts';
import type { Challenge, VerifiedRequest, WebhookAnswer, WebhookRate } from './webhook.ts';

/** How the events of a feed arrive: one source engine for each kind. */
export type Arrival = PollArrival | WebhookArrival | MailboxArrival | StreamArrival | AnswersArrival;

/** What upstream has answered at once to requests through the bridge, where that is published too. */
export interface AnswersArrival {
  readonly kind: 'answers';
  /** Name of the feed, of the same connector, that takes the requests. */
  readonly of: string;
  readonly endpoint?: undefined;
}

export interface PollArrival {
  readonly kind: 'poll';
  readonly endpoint: Endpoint;
  readonly schedule: Schedule;
  readonly protocol: PollProtocol;
}

/** Somebody posts events to the listener for webhooks, one request being one batch. */
export interface WebhookArrival {
  readonly kind: 'webhook';
  /** Begins with a slash, and is this feed's alone. */
  readonly path: string;
  readonly verification: Verification;
  readonly challenges: readonly Challenge[];
  /**
   * What a body may be, without parameters, in lower case; anything else is answered 415. "" is for a sender that does not
   * say, `*` for any type, also none, and `*+json` for what ends so.
   */
  readonly mediaTypes: readonly string[];
  /** Largest body, after its content coding is undone. */
  readonly maxBodyBytes: number;
  readonly answer: WebhookAnswer;
  /** More are answered 429. Absent: no limit but those of the listener. */
  readonly rate?: WebhookRate;
  /** Headers, in lower case, that become part of each record. Never credentials. */
  readonly keepHeaders: readonly string[];
  /**
   * Pure, and never throws. Each record has its own bytes; a body that cannot be taken apart is one record, of which
   * normalise says that it is poison. No record: nothing is published, and the sender gets its success.
   */
  records(request: VerifiedRequest): readonly RawRecord[];
  /** How to ask the upstream, for steps. */
  readonly endpoint?: Endpoint;
  /** How the upstream is told where to send. Absent: people tell it. */
  readonly registration?: Registration;
}

/** One feed of a connected upstream. */
export interface FeedDefinition {
  /** The part after the slash: `journey` in `fenergo/journey`. */
  readonly name: string;
  /** CloudEvents `source` of the feed itself, for what the bridge says about it. Events may carry a more exact one. */
  readonly source: string;
  /**
   * What the id of an event names. `event`: something that happened once, so that the same id again is a repeat.
   * `state`: something that can be reached again, with the same id; the batch and the record in it then tell one
   * occurrence from the next. Default: `event`.
   */
  readonly ids?: 'event' | 'state';
  /**
   * Feeds with the same word here bring the same events, with the same ids, by different ways: what one of them has had
   * confirmed, the others publish no more where it is still remembered. Absent: no other does.
   */
  readonly twins?: string;
  readonly normalise: Normalise;
  /** After normalise, in this order. */
  readonly steps: readonly Step[];
  readonly arrival: Arrival;
  /** Work in the background that its events tell of. Absent: each stands for itself. */
  readonly jobs?: Jobs;
  /** What its events speak of and has to be fetched. Implies that the feed is spooled. Absent: nothing. */
  readonly downloads?: Downloads;
}

/** One upstream system. `Config` is what stands under `from`, parsed. */
export interface Connector<Config> {
  readonly name: string;
  /** One line for `feedferry connectors`. */
  readonly summary: string;
  /** A strict schema of `from`, with `connector` as a literal. */
  readonly config: z.ZodType<Config>;
  /** Pure: what the configuration means. */
  feeds(config: Config): readonly FeedDefinition[];
}

/** A connector whose configuration type has been closed over: what a registry holds. */
export interface AnyConnector {
  readonly name: string;
  readonly summary: string;
  readonly config: z.ZodType;
  /** `config` must be what this connector's own schema gave. */
  feeds(config: unknown): readonly FeedDefinition[];
}

/** Makes a connector ready for the registry. The cast is safe because the loader hands back what `config` parsed. */
export function defineConnector<Config>(connector: Connector<Config>): AnyConnector {
  return { ...connector, feeds: (config) => connector.feeds(config as Config) };
}
