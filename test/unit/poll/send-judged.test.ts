import { expect, it } from 'vitest';
import { BridgeError } from '../../../src/core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../../src/core/http.ts';
import type { PollContext } from '../../../src/core/poll-protocol.ts';
import { sendJudged } from '../../../src/sources/poll/send-judged.ts';

function paced(statuses: readonly number[]) {
  const sent: string[] = [];
  const pace = {
    async send({ path }: HttpRequest): Promise<HttpResponse> {
      sent.push(path);
      return { status: statuses[sent.length - 1] ?? 500, headers: {}, body: Buffer.alloc(0), receivedAt: new Date() };
    },
    failed() {},
    worked() {},
  };
  return { pace, sent };
}

function read({ status }: HttpResponse): number {
  if (status === 401) throw new BridgeError('AUTH_REFUSED', 'no');
  if (status !== 200) throw new BridgeError('UPSTREAM_ERROR', 'no');
  return status;
}

const byHour = ({ refusedAt }: PollContext): HttpRequest => ({ method: 'GET', path: refusedAt ? 'new' : 'old' });
const always = (): HttpRequest => ({ method: 'GET', path: 'same' });
const never = new AbortController().signal;

it('makes a request that is refused again, and sends it at once where it is another one now', async () => {
  const { pace, sent } = paced([401, 200]);
  expect(await sendJudged(pace, byHour, read, undefined, never)).toBe(200);
  expect(sent).toEqual(['old', 'new']);
});

it('does so once', async () => {
  const { pace, sent } = paced([401, 401, 200]);
  await expect(sendJudged(pace, byHour, read, undefined, never)).rejects.toMatchObject({ code: 'AUTH_REFUSED' });
  expect(sent).toEqual(['old', 'new']);
});

it('leaves a request that would be the same, and any other failure, to the back-off', async () => {
  const refused = paced([401, 200]);
  await expect(sendJudged(refused.pace, always, read, undefined, never)).rejects.toMatchObject({
    code: 'AUTH_REFUSED',
  });
  const failed = paced([500, 200]);
  await expect(sendJudged(failed.pace, byHour, read, undefined, never)).rejects.toMatchObject({
    code: 'UPSTREAM_ERROR',
  });
  expect([refused.sent, failed.sent]).toEqual([['same'], ['old']]);
});
