import { expect, test } from 'vitest';
import { startBridge } from '../support/bridge/start-bridge.ts';
import { startLateWapi } from '../support/requests/late-wapi.ts';
import { makeRequestingHome, orderCommand } from '../support/requests/requesting-home.ts';

test('killed between sending a command and its answer: the notification finds it, and it is settled', {
  timeout: 60_000,
}, async () => {
  await using resources = new AsyncDisposableStack();
  const upstream = resources.use(await startLateWapi());
  const api = { baseUrl: upstream.url, user: 'tester', password: 'simulated-password' };
  const wapi = { api, poll: { schedule: { every: '1h' } }, requests: {} };
  const home = resources.use(await makeRequestingHome({ upstream: upstream.url, wapi }));
  const isOpen = () =>
    fetch(home.requestsUrl).then(
      ({ status }) => status,
      () => 0,
    );
  const bridge = resources.use(startBridge(home.configFile));
  await bridge.whileRunning(expect.poll(isOpen, { timeout: 20_000 }).toBe(401));
  // The queue was empty, and is not asked again in this life.
  const asking = orderCommand(home, 'ping-async', 'c-1').catch(() => 'cut');
  await expect.poll(() => upstream.commands.length, { timeout: 10_000 }).toBe(1);
  await bridge.kill9();
  expect(await asking).toBe('cut');
  resources.use(startBridge(home.configFile));
  const said = async () => (await home.stored('said')).map(({ type, correlationid }) => [type, correlationid]);
  await expect.poll(said, { timeout: 20_000 }).toEqual([
    ['dev.feedferry.request.accepted', 'c-1'],
    ['dev.feedferry.request.settled', 'c-1'],
  ]);
  expect(await home.stored('wapi')).toMatchObject([{ correlationid: 'c-1' }]);
  expect(upstream.commands).toHaveLength(1);
});
