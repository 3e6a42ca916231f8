import { beforeEach, expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { MailMark } from '../../../src/core/mailbox.ts';
import type { SessionKeeper } from '../../../src/sources/mailbox/keep-session.ts';
import { markMail } from '../../../src/sources/mailbox/mark-mail.ts';
import type { MailSession } from '../../../src/sources/mailbox/session.ts';
import { createRecorder, type Recorder } from '../../support/recorder.ts';

const done: MailMark = { kind: 'keyword', keyword: '$FeedferryDone' };
const mail = { uid: 7, uidValidity: '100', mark: done };
const { signal } = new AbortController();

let recorder: Recorder;
let marked: number[];
beforeEach(() => {
  recorder = createRecorder();
  marked = [];
});

/** A folder with this UIDVALIDITY, whose server refuses so many marks with an error. */
function keeper(
  uidValidity: string,
  refusals = 0,
  error = new BridgeError('COMPLETE_UNCONFIRMED', 'NO'),
): SessionKeeper {
  let left = refusals;
  const unasked = () => Promise.reject(new Error('nobody asks for that'));
  const session: MailSession = {
    uidValidity,
    isOpen: true,
    search: unasked,
    sizes: unasked,
    fetch: unasked,
    prepare: unasked,
    waitForNews: unasked,
    async mark(uid) {
      if (left-- > 0) throw error;
      marked.push(uid);
    },
    async close() {},
  };
  return { get: async () => session, present: () => session, async close() {} };
}

function mark(sessions: SessionKeeper): Promise<boolean> {
  const timing = { retry: { baseMs: 1, capMs: 1, jitter: 'full' }, refusals: 3 } as const;
  return markMail(mail, { feed: 'wapi/notifications', report: recorder.report, timing }, sessions, signal);
}

it('a mail that is safe is marked', async () => {
  expect(await mark(keeper('100'))).toBe(true);
  expect(marked).toEqual([7]);
});

it('nothing is marked where the folder has new UIDs: its old one may be that of another mail', async () => {
  expect(await mark(keeper('101'))).toBe(false);
  expect(marked).toEqual([]);
});

it('a refusal is tried again, a few times', async () => {
  expect(await mark(keeper('100', 2))).toBe(true);
  expect(recorder.of('attempt.failed').map(({ activity }) => activity)).toEqual(['complete', 'complete']);
  await expect(mark(keeper('100', 3))).rejects.toMatchObject({ code: 'COMPLETE_REFUSED' });
});

it('a server that is away is waited for, as often as it takes', async () => {
  expect(await mark(keeper('100', 20, new BridgeError('UPSTREAM_UNREACHABLE', 'away')))).toBe(true);
  expect(marked).toEqual([7]);
});
