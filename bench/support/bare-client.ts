export interface BareMessage {
  readonly key: Buffer;
  readonly value: Buffer;
}

/** A broker's client library as it is used without the bridge, with settings that are as safe. */
export interface BareClient extends AsyncDisposable {
  /** One request; resolves when the broker has confirmed all messages. */
  send(destination: string, messages: readonly BareMessage[]): Promise<void>;
}
