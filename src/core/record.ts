/** Header names are lower case. */
export type Headers = Readonly<Record<string, string>>;

/** One upstream record with its own original bytes, also where a page holds many. */
export interface RawRecord {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly headers: Headers;
  readonly receivedAt: Date;
}
