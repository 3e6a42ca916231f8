import type { ResponseRule, Treatment } from '../../src/core/response-policy.ts';

const codeAt = '/response/code';

function code(codes: readonly string[], treat: Treatment, says?: string): ResponseRule {
  return { when: { status: ['200'], xml: { [codeAt]: codes } }, treat, ...(says !== undefined && { says }) };
}

/** What WAPI says by the codes of its answers, whatever was asked. */
const usualCodes: readonly ResponseRule[] = [
  code(['2050'], 'auth', 'it does not accept user and password (code 2050)'),
  code(['2051'], 'auth', 'it does not let this address in (code 2051)'),
  code(['2006'], 'rate-limited', 'there were too many requests (code 2006)'),
  code(['2052'], 'rate-limited', 'it blocks this address for a while (code 2052)'),
  code(['4*', '5*'], 'retry', 'it has an error of its own (a code of 4xxx or 5xxx)'),
];

/** What stands before WAPI answers too: never with XML of its own. */
const others: readonly ResponseRule[] = [
  {
    when: { headers: { 'content-type': 'text/html*' } },
    treat: 'retry',
    says: 'a web page, such as one that protects',
  },
  {
    when: { status: ['2xx'], matches: '[Tt]oo many requests|[Rr]ate.?[Ll]imit|[Ll]imit exceeded' },
    treat: 'rate-limited',
    says: 'there were too many requests',
  },
  { when: { status: ['2xx'] }, treat: 'retry', says: 'something else than an answer of WAPI' },
];

/** It begins as an answer of WAPI, whatever follows. */
const begins: ResponseRule['when'] = {
  status: ['200'],
  matches: '^\\uFEFF?\\s*(?:<\\?xml[^>]*>\\s*)?<(?:response|notify)[\\s>]',
};

export const nextRules: readonly ResponseRule[] = [
  // The notification itself as the answer: its code is that of a command long ago.
  { when: { status: ['200'], xml: { '/notify/code': ['*'] } }, treat: 'ok' },
  code(['1003'], 'empty'),
  code(['1000', '1002'], 'ok'),
  ...usualCodes,
  code(['2150'], 'fatal', 'notifications by POLL are not enabled for this account (code 2150)'),
  code(['*'], 'fatal', 'it refuses the command (an unexpected code)'),
  { when: begins, treat: 'ok' },
  ...others,
];

/** `empty`: there is no such notification, so it has been marked. */
export const ackRules: readonly ResponseRule[] = [
  code(['1000', '1002'], 'ok'),
  code(['2151', '1003'], 'empty'),
  ...usualCodes,
  code(['*'], 'fatal', 'it refuses to mark the notification (an unexpected code)'),
  { when: begins, treat: 'retry', says: 'XML that does not say whether it is marked' },
  ...others,
];
