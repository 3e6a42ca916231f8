import { expect, test } from 'vitest';
import { notificationOf } from '../../../connectors/wapi/simulator/notification.ts';
import { ownDovecotSuite } from '../../support/dovecot/acquire.ts';
import { rawImap } from '../../support/dovecot/raw-imap.ts';
import { textMail } from '../../support/mailbox/mail.ts';
import { startJobUpstream } from '../../support/requests/job-upstream.ts';
import { makeRequestingHome, orderCommand, type RequestingHome } from '../../support/requests/requesting-home.ts';

const suite = await ownDovecotSuite();
const who = { user: 'tester', password: 'simulated-password' };
const secret = 'a-path-that-nobody-guesses';
const user = 'commands';
const patience = { timeout: 20_000, interval: 50 };

/** Puts the XML of a notification where WAPI is told to bring it. */
type Deliver = (xml: string, home: RequestingHome) => Promise<void>;

suite('a command through the bridge', ({ port }) => {
  const mailbox = { host: '127.0.0.1', port, security: 'none', user, password: 'secret' };

  test.each<[string, object, Deliver]>([
    [
      'posted',
      { delivery: 'post', post: { path: '/hooks/wapi', verify: { secretPath: [secret] } } },
      async (xml, { hooksUrl }) => {
        const body = new URLSearchParams({ request: xml });
        const headers = { connection: 'close' };
        const answer = await fetch(`${hooksUrl}/hooks/wapi/${secret}`, { method: 'POST', body, headers });
        expect(answer.status).toBe(200);
      },
    ],
    [
      'mailed',
      { delivery: 'mail', mailbox, trust: 'none' },
      async (xml) => {
        await using imap = await rawImap(port, user);
        await imap.append('INBOX', textMail(xml));
      },
    ],
  ])(
    'is settled by its notification, which is tied to it, where notifications are %s',
    async (_how, delivery, deliver) => {
      const clTRIDs: string[] = [];
      await using upstream = await startJobUpstream(({ body }, response) => {
        const [, clTRID = ''] = /<clTRID>([^<]+)</.exec(new URLSearchParams(body).get('request') ?? '') ?? [];
        clTRIDs.push(clTRID);
        response.writeHead(200, { 'content-type': 'text/xml' });
        response.end('<response><code>1001</code><result>Request pending</result><svTRID>s1</svTRID></response>');
      });
      const wapi = { api: { baseUrl: upstream.url, ...who }, requests: {}, ...delivery };
      await using home = await makeRequestingHome({ upstream: upstream.url, wapi });
      await home.start();
      const answer = await orderCommand(home, 'domain-create', 'order-7');
      expect([answer.status, answer.headers.get('x-feedferry-sent')]).toEqual([200, 'yes']);
      const [clTRID = ''] = clTRIDs;
      const about = { code: 1000, svTRID: 's1', command: 'domain-create', timestamp: 1_286_957_000 };
      // Somebody else's comes first, and is tied to nothing.
      await deliver(notificationOf('76', { ...about, clTRID: 'of-another', svTRID: 's0' }).xml, home);
      await deliver(notificationOf('77', { ...about, clTRID }).xml, home);
      await expect
        .poll(() => home.stored('wapi'), patience)
        .toMatchObject([
          { id: '76', correlationid: 'of-another' },
          { id: '77', correlationid: 'order-7', type: 'com.wedos.wapi.domain-create', outcome: 'ok' },
        ]);
      const said = async () => (await home.stored('said')).map(({ type, correlationid }) => [type, correlationid]);
      await expect.poll(said, patience).toEqual([
        ['dev.feedferry.request.accepted', 'order-7'],
        ['dev.feedferry.request.settled', 'order-7'],
      ]);
    },
  );
});
