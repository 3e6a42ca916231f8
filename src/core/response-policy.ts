/** What an answer of an upstream means. `empty`: there is nothing; where a batch is completed, there is no such batch (any more). */
export type Treatment = 'ok' | 'empty' | 'retry' | 'auth' | 'rate-limited' | 'fatal';

/** What an answer has to be like; all that is named. In values and headers `*` stands for any text. */
export interface ResponseCondition {
  /** `200`, or `5xx` for all that begin so; one of them. */
  readonly status?: readonly string[] | undefined;
  /** By lower-case name. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A JSON Pointer at which there is something, and not null. */
  readonly has?: string | undefined;
  /** By JSON Pointer: one of these is the text, number or boolean there. */
  readonly json?: Readonly<Record<string, readonly string[]>> | undefined;
  /** By XPath: one of these is a text that it finds. */
  readonly xml?: Readonly<Record<string, readonly string[]>> | undefined;
  /** A text in the first 64 KiB of the body. */
  readonly contains?: string | undefined;
  /** A regular expression that fits there. */
  readonly matches?: string | undefined;
}

/** The first rule that fits decides. */
export interface ResponseRule {
  readonly when: ResponseCondition;
  readonly treat: Treatment;
  /** For messages: in words, what such an answer says. */
  readonly says?: string;
}
