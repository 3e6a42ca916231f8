/** Whom the simulator lets in. */
export interface Credentials {
  readonly user: string;
  readonly password: string;
}

/**
 * What may go wrong with a call. `page`: a web page that protects, instead of an answer. `rate-limit`: a text about too
 * many requests. `5xx`: an error. `drop`: the connection breaks before anything is done. `drop-after`: and after it.
 */
export const wapiFaults = ['page', 'rate-limit', '5xx', 'drop', 'drop-after'] as const;
export type WapiFault = (typeof wapiFaults)[number];

/** A notification that was marked, in order. */
export interface Marked {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

export interface WapiSimulatorOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** 1 by default. */
  readonly seed?: number;
  /** Default: tester, with the password `simulated-password`. */
  readonly credentials?: Credentials;
  /** Notifications that wait from the start; 0 by default. */
  readonly events?: number;
  /** Each so many notifications one cannot become an event. Default: none. */
  readonly poisonEvery?: number;
  /** From 0 to 1, for each call. */
  readonly faults?: Readonly<Partial<Record<WapiFault, number>>>;
  /** Its clock, whose hour counts. Default: the system's. */
  readonly now?: () => Date;
  /** Called before a notification is marked, which waits for it: for tests that look whether it is safe. */
  readonly marking?: (id: string) => Promise<void> | void;
  /** Where the notification stands in the answer. Default: below the response. */
  readonly place?: 'response' | 'data' | 'fields' | 'root';
}
