/** A broker that somebody has to stop. */
export interface StartedRabbitmq {
  /** `amqp://host:port` */
  readonly url: string;
  /** `http://host:port` of the management API. */
  readonly management: string;
  readonly username: string;
  readonly password: string;
  stop(): Promise<void>;
}
