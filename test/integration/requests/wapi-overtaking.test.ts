import { expect, it } from 'vitest';
import { startLateWapi } from '../../support/requests/late-wapi.ts';
import { makeRequestingHome, orderCommand } from '../../support/requests/requesting-home.ts';

it('a notification that overtakes the answer finds its command, and settles it', async () => {
  await using upstream = await startLateWapi();
  const api = { baseUrl: upstream.url, user: 'tester', password: 'simulated-password' };
  const wapi = { api, poll: { schedule: { every: '100ms' } }, requests: {} };
  await using home = await makeRequestingHome({ upstream: upstream.url, wapi });
  const said = async () => (await home.stored('said')).map(({ type, correlationid }) => [type, correlationid]);
  await home.start();
  const asking = orderCommand(home, 'ping-async', 'o-1');
  await expect.poll(() => home.stored('wapi'), { timeout: 10_000 }).toMatchObject([{ correlationid: 'o-1' }]);
  const life = [
    ['dev.feedferry.request.accepted', 'o-1'],
    ['dev.feedferry.request.settled', 'o-1'],
  ];
  await expect.poll(said, { timeout: 10_000 }).toEqual(life);
  upstream.answer();
  expect((await asking).status).toBe(200);
  // It comes later, so what the late answer has changed would have been said before it.
  await orderCommand(home, 'ping-async', 'o-2');
  await expect.poll(async () => (await said()).length, { timeout: 10_000 }).toBe(4);
  expect((await said()).slice(0, 2)).toEqual(life);
});
