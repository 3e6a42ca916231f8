/** A broker that somebody has to stop. */
export interface StartedKafka {
  /** `host:port` */
  readonly bootstrap: string;
  stop(): Promise<void>;
}
