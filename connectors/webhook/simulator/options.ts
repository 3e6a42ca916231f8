import type { Sign } from './sign.ts';

/**
 * What a sender may do wrong, or oddly. `forged`: a body of its own with a signature by another key; `unsigned`: without
 * one; `stale`: rightly signed long ago. These three are never sent rightly. `malformed`: rightly signed, and no event.
 * `slow`: the body comes in pieces. `cut`: the connection breaks in the midst of the body. `impatient`: it hangs up before
 * there is an answer. `twice`: sent twice at the same time. `repeat`: sent again after it was answered with success.
 */
export const faultNames = [
  'forged',
  'unsigned',
  'stale',
  'malformed',
  'slow',
  'cut',
  'impatient',
  'twice',
  'repeat',
] as const;
export type FaultName = (typeof faultNames)[number];

/** Something to send. */
export interface Delivery {
  /** Each stands in the body, and nowhere else: what is found by it came from here. One for each event. */
  readonly marks: readonly string[];
  /** Deliveries of one lane are sent one after the other. */
  readonly lane: string;
  readonly contentType: string;
  readonly body: Buffer;
}

/** The body of delivery `number`, which depends on seed and number alone. */
export type MakeDelivery = (number: number, seed: number) => Delivery;

export interface SenderOptions {
  readonly url: string;
  readonly make: MakeDelivery;
  readonly sign: Sign;
  /** 1 by default. */
  readonly seed?: number;
  readonly deliveries: number;
  /** Requests that are open at once; 8 by default. */
  readonly concurrency?: number;
  /** A second; absent: as fast as answers come. */
  readonly rate?: number;
  /** They come so many at once, at the same rate over all; 1 by default. */
  readonly burst?: number;
  /** From 0 to 1. */
  readonly faults?: Readonly<Partial<Record<FaultName, number>>>;
  /** First wait, longest wait, in milliseconds, and how often at most; 200 ms, doubled up to 5 s, 50 times. */
  readonly retry?: { readonly firstMs: number; readonly mostMs: number; readonly attempts: number };
  /** Longest wait for an answer; 15 s by default. */
  readonly timeoutMs?: number;
}

/** `at`: milliseconds since the epoch. `order`: counts what happens at this sender, from 1. */
export interface Moment {
  readonly at: number;
  readonly order: number;
}

/** One request. `status` 0: no answer. */
export interface Attempt {
  readonly sent: Moment;
  readonly answered: Moment;
  readonly status: number;
  /** What was wrong with it; null: nothing. */
  readonly fault: FaultName | null;
}

/** What became of a delivery. */
export interface SentDelivery {
  readonly number: number;
  readonly marks: readonly string[];
  readonly lane: string;
  /** `genuine`: it is to be published. `malformed`: it is to be set aside. `forbidden`: it is to be refused. */
  readonly kind: 'genuine' | 'malformed' | 'forbidden';
  readonly attempts: readonly Attempt[];
  /** Its first answer of success. */
  readonly safe: Moment | null;
}

export interface SenderStats {
  readonly deliveries: number;
  /** Answered with success. */
  readonly safe: number;
  readonly givenUp: number;
  /** Requests by status; 0: no answer. */
  readonly statuses: Readonly<Record<string, number>>;
}
