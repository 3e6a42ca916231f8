export interface BareRecord {
  readonly key: Buffer;
  readonly value: Buffer;
}

export interface BareMessage extends BareRecord {
  readonly id: string;
}

/** A broker's client library as it is used without the bridge, with settings that are as safe. */
export interface BareClient<Message extends BareRecord = BareMessage> extends AsyncDisposable {
  /** One request; resolves when the broker has confirmed all messages. */
  send(destination: string, messages: readonly Message[]): Promise<void>;
}
