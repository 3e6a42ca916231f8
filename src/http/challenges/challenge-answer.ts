import type { Headers } from '../../core/record.ts';
import type { ReceivedRequest } from '../../core/webhook.ts';

/** What a sender gets that asks whether this is really an address for webhooks. */
export interface ChallengeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** What is known of a request before its body is read. */
export type Question = Pick<ReceivedRequest, 'method' | 'target' | 'headers'>;

/** Never shown as a page, and never kept: a stranger has a say in what is in it. */
export const plainText: Headers = {
  'content-type': 'text/plain; charset=utf-8',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};
