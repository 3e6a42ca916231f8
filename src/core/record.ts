/** Header names are lower case. */
export type Headers = Readonly<Record<string, string>>;

/** One upstream record with its own original bytes, also where a page holds many. */
export interface RawRecord {
  readonly bytes: Uint8Array;
  readonly mediaType: string;
  readonly headers: Headers;
  readonly receivedAt: Date;
}

/*
 * Marks among the headers of a record, by names that no header can have: when its request came (RFC 3339), and the trace
 * that it belongs to. They travel with it through the spool, into transport headers, and never into an event.
 */
export const receivedMark = ':received';
export const traceMark = ':traceparent';

/**
 * Mark of a record that its source refuses for where it came in, as a stranger's mail: a code of the catalogue, a space,
 * and the reason. It is poison, whatever is in it, and does not count as a sign that the upstream has changed its format.
 */
export const refusedMark = ':refused';
