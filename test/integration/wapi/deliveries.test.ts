import { expect, test } from 'vitest';
import { generated, type Notification, poisoned } from '../../../connectors/wapi/simulator/notification.ts';
import { startWapiSimulator } from '../../../connectors/wapi/simulator/simulator.ts';
import { ownDovecotSuite } from '../../support/dovecot/acquire.ts';
import { rawImap } from '../../support/dovecot/raw-imap.ts';
import { startHookedBridge } from '../../support/hooks/hooked-bridge.ts';
import { textMail } from '../../support/mailbox/mail.ts';

const suite = await ownDovecotSuite();
const wapi = { connector: 'wapi', account: 'tester' };
const who = { user: 'tester', password: 'simulated-password' };
const secret = 'a-path-that-nobody-guesses';
const patience = { timeout: 20_000, interval: 50 };

/** With every outcome and command, and one that cannot become an event. */
const notifications = Array.from({ length: 12 }, (_, number) => {
  const notification = generated(number, 7);
  return number === 5 ? poisoned(notification) : notification;
});
const good = notifications.filter((_, number) => number !== 5);
const [first, second] = [notifications.slice(0, 7), notifications.slice(7)];

const formOf = (some: readonly Notification[]) => new URLSearchParams(some.map(({ xml }) => ['request', xml]));
const mailOf = (some: readonly Notification[]) => textMail(`Dobrý den,\n${some.map(({ xml }) => xml).join('\n\n')}`);

suite('notifications of WAPI that are polled, posted and mailed to one bridge', ({ port }) => {
  test('are the same events, byte for byte, in the same order; a poison one among them holds up none', async () => {
    await using upstream = await startWapiSimulator();
    await using imap = await rawImap(port, 'deliveries');
    await imap.append('INBOX', mailOf(first));
    const mailbox = { host: '127.0.0.1', port, security: 'none', user: 'deliveries', password: 'secret' };
    const poll = { schedule: { every: '1s' } };
    await using bridge = await startHookedBridge({
      pipelines: {
        polled: {
          from: { ...wapi, api: { baseUrl: upstream.baseUrl, ...who }, poll },
          to: { broker: 'out', topic: 'polled' },
        },
        posted: {
          from: { ...wapi, delivery: 'post', post: { path: '/hooks/wapi', verify: { secretPath: [secret] } } },
          to: { broker: 'out', topic: 'posted' },
        },
        mailed: {
          from: { ...wapi, delivery: 'mail', mailbox, trust: 'none' },
          to: { broker: 'out', topic: 'mailed' },
        },
      },
    });
    for (const notification of notifications) upstream.add(notification);
    for (const some of [first, second]) {
      const answer = await fetch(`${bridge.url('/hooks/wapi')}/${secret}`, { method: 'POST', body: formOf(some) });
      expect(answer.status).toBe(200);
    }
    await imap.append('INBOX', mailOf(second));

    const topics = ['polled', 'posted', 'mailed'] as const;
    for (const topic of topics) {
      await expect.poll(() => bridge.lines(topic), patience).toHaveLength(good.length);
    }
    const [polled = [], posted, mailed] = await Promise.all(topics.map(bridge.lines));
    expect(posted).toEqual(polled);
    expect(mailed).toEqual(polled);
    const ids = polled.map((line) => (JSON.parse(line) as { readonly id: string }).id);
    expect(ids).toEqual(good.map(({ id }) => id));
    // All three have set the same one aside, and upstream is told that it need not be kept.
    for (const topic of topics) {
      await expect.poll(() => bridge.letters(`${topic}/notifications`), patience).toHaveLength(1);
    }
    await expect.poll(() => upstream.left(), patience).toBe(0);
    const flags = async () =>
      (await imap.flags('INBOX')).map((mail) => mail.flags.filter((flag) => flag !== '\\Recent'));
    await expect.poll(flags, patience).toEqual([['$FeedferryDone'], ['$FeedferryDone']]);
  });
});
