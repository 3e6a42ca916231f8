import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { mountSmallDisk } from '../../crash/laboratory/small-disk.ts';
import { closedPort } from '../../support/closed-port.ts';
import { startHookedBridge } from '../../support/hooks/hooked-bridge.ts';
import { post } from '../../support/hooks/listener.ts';
import { createWorkplace } from '../../support/workplace.ts';
import { canMount, mounts } from '../../unit/state/mounted-disk.ts';

const patience = { timeout: 20_000, interval: 100 };
/** More than what may be left of a page of a file. */
const note = 'x'.repeat(20_000);

/** A bridge whose log and state are on a disk of their own. */
async function open(ack: 'broker' | 'spool', resources: AsyncDisposableStack, brokers?: { readonly out: object }) {
  const workplace = resources.use(await createWorkplace());
  const dir = join(workplace.path, 'disk');
  const disk = await mountSmallDisk(dir, resources);
  const bridge = resources.use(
    await startHookedBridge({
      dir,
      ...(brokers && { brokers }),
      pipelines: {
        hooked: {
          from: {
            connector: 'webhook',
            account: 'acme',
            path: '/hooks/sample',
            verify: 'none',
            answer: { within: '2s' },
            event: { id: '/body/id', type: '"com.example.sample"' },
          },
          to: { broker: 'out', topic: 'hooked' },
          ack,
        },
      },
    }),
  );
  const send = (id: string) => post(bridge.url('/hooks/sample'), JSON.stringify({ id, note }));
  return { bridge, disk, send, statusOf: async (id: string) => (await send(id)).status };
}

describe.skipIf(!canMount)('a webhook, on a disk that is full', { ...mounts, timeout: 60_000 }, () => {
  test.each([
    ['of the log that it goes to', 'broker'],
    ['of the spool that it is acknowledged from', 'spool'],
  ] as const)('%s, is answered 507 and when to come again, and 200 once there is room', async (_, ack) => {
    await using resources = new AsyncDisposableStack();
    const { bridge, disk, send, statusOf } = await open(ack, resources);
    await expect.poll(() => statusOf('before'), patience).toBe(200);
    await disk.fill();
    const refused = await send('meanwhile');
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([507, '5']);
    expect(await refused.json()).toEqual({ accepted: false, reason: 'out of storage right now' });
    await disk.makeRoom();
    await expect.poll(() => statusOf('meanwhile'), patience).toBe(200);
    const ids = async () => (await bridge.stored('hooked')).map(({ event }) => event['id']);
    await expect.poll(ids, patience).toEqual(['before', 'meanwhile']);
  });

  test('of the state alone, is answered 503 when it is its broker that is away', async () => {
    await using resources = new AsyncDisposableStack();
    const away = { type: 'kafka', bootstrap: [`127.0.0.1:${await closedPort()}`] };
    const { disk, statusOf, bridge } = await open('broker', resources, { out: away });
    await bridge.recorder.seen('feed.started');
    await disk.fill();
    expect(await statusOf('meanwhile')).toBe(503);
  });
});
