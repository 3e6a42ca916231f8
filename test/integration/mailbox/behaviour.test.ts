import { expect, test } from 'vitest';
import { ownDovecotSuite } from '../../support/dovecot/acquire.ts';
import { rawImap } from '../../support/dovecot/raw-imap.ts';
import { notify, textMail } from '../../support/mailbox/mail.ts';
import { type MailBridge, startMailBridge } from '../../support/mailbox/mail-bridge.ts';

const suite = await ownDovecotSuite();
const numbers = (count: number) => Array.from({ length: count }, (_, at) => `${at + 1}`);
const good = (id: string) => textMail(`Dobrý den,\n${notify(id)}\n-- \nWEDOS`);
const spam = textMail('Buy more.');
const done = '$FeedferryDone';
const failed = '$FeedferryFailed';
/** Those that dovecot sets by itself are left out. */
const own = (flags: readonly string[]) => flags.filter((flag) => flag !== '\\Recent').sort();

let users = 0;
const newUser = () => `behaving${++users}`;

async function settled(bridge: MailBridge, batches: number) {
  await bridge.recorder.seen('batch.completed', batches);
}

async function deadLetters({ operations }: MailBridge) {
  return (await operations.deadLetters({ limit: 1_000 })).map(({ code }) => code);
}

suite('a mailbox of WAPI', ({ port, doveadm }) => {
  test('becomes events in its order; what was taken has our keyword, and no other flag', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    for (const id of numbers(120)) await imap.append('INBOX', good(id));
    await using bridge = await startMailBridge({ port, user });
    await settled(bridge, 120);
    expect(await bridge.published()).toEqual(numbers(120));
    const flags = (await imap.flags('INBOX')).map((mail) => own(mail.flags));
    expect(flags).toEqual(numbers(120).map(() => [done]));
  });

  test('several notifications of one mail are several events of one batch', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    await imap.append('INBOX', textMail(numbers(3).map(notify).join('\n')));
    await using bridge = await startMailBridge({ port, user });
    await settled(bridge, 1);
    expect(await bridge.published()).toEqual(['1', '2', '3']);
    expect(bridge.recorder.of('batch.fetched')).toMatchObject([{ records: 3 }]);
  });

  test('what is no notification, or too much, or poison, holds up nothing', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    for (const folder of ['Processed', 'Failed']) await imap.command(`CREATE ${folder}`);
    const mails = [
      good('1'),
      spam,
      textMail('x'.repeat(200_000)),
      textMail('<notify><code>&x;</code></notify>'),
      'no mail at all',
      good('2'),
    ];
    for (const mail of mails) await imap.append('INBOX', mail);
    await using bridge = await startMailBridge({
      port,
      user,
      mailbox: { done: 'Processed', failed: 'Failed', maxMail: '100KiB' },
    });
    await settled(bridge, mails.length);
    expect(await bridge.published()).toEqual(['1', '2']);
    expect(await deadLetters(bridge)).toEqual([
      'MAIL_WITHOUT_EVENT',
      'MAIL_TOO_LARGE',
      'RECORD_MALFORMED',
      'MAIL_WITHOUT_EVENT',
    ]);
    expect([await imap.count('INBOX'), await imap.count('Processed'), await imap.count('Failed')]).toEqual([0, 3, 3]);
    for (const folder of ['Processed', 'Failed']) {
      expect((await imap.flags(folder)).flatMap(({ flags }) => own(flags))).toEqual([]);
    }
  });

  test('strangers become dead letters, however many they are, and halt nothing', { timeout: 60_000 }, async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    const results = 'Authentication-Results: mx.example.com; dkim=pass header.d=wedos.com';
    const forged = 'Authentication-Results: mx.example.com; dkim=none';
    for (const _ of numbers(130)) await imap.append('INBOX', textMail(notify('666'), [forged, results]));
    await imap.append('INBOX', textMail(notify('1'), [results]));
    const trust = { authservId: 'mx.example.com', dkim: ['wedos.com'] };
    await using bridge = await startMailBridge({ port, user, trust, pipeline: { onPoison: 'stop' } });
    await settled(bridge, 131);
    expect(await bridge.published()).toEqual(['1']);
    expect(new Set(await deadLetters(bridge))).toEqual(new Set(['MAIL_UNTRUSTED']));
    expect(bridge.recorder.of('feed.halted')).toEqual([]);
    const flags = (await imap.flags('INBOX')).map((mail) => own(mail.flags).join());
    expect(flags).toEqual([...numbers(130).map(() => failed), done]);
  });

  test('a mail that lost its keyword is known by the ledger, and only marked again', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    for (const id of numbers(3)) await imap.append('INBOX', good(id));
    await using bridge = await startMailBridge({ port, user, mailbox: { every: '100ms' } });
    await settled(bridge, 3);
    await imap.command('SELECT INBOX');
    await imap.command(`UID STORE 2 -FLAGS (${done})`);
    await bridge.recorder.seen('batch.recognised');
    await settled(bridge, 4);
    expect(await bridge.published()).toEqual(['1', '2', '3']);
    expect((await imap.flags('INBOX')).map((mail) => own(mail.flags))).toEqual([[done], [done], [done]]);
  });

  test('new UIDs take nothing away: what is marked is not taken again, what is not is', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    for (const id of numbers(2)) await imap.append('INBOX', good(id));
    {
      await using bridge = await startMailBridge({ port, user });
      await settled(bridge, 2);
    }
    await imap.append('INBOX', good('3'));
    const before = await doveadm('mailbox', 'status', '-u', user, 'uidvalidity', 'INBOX');
    await doveadm('mailbox', 'update', '-u', user, '--uid-validity', '1999999999', 'INBOX');
    expect(await doveadm('mailbox', 'status', '-u', user, 'uidvalidity', 'INBOX')).not.toBe(before);
    await using bridge = await startMailBridge({ port, user });
    await settled(bridge, 1);
    expect(await bridge.published()).toEqual(['3']);
    expect(bridge.recorder.of('batch.fetched')).toMatchObject([{ batchId: expect.stringMatching(/^1999999999\//) }]);
  });

  test('a new mail is taken at once where the server tells of it', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    await using bridge = await startMailBridge({ port, user, mailbox: { every: '1h' } });
    await bridge.recorder.seen('feed.idle');
    for (const id of numbers(5)) {
      await imap.append('INBOX', good(id));
      await settled(bridge, Number(id));
    }
    expect(await bridge.published()).toEqual(numbers(5));
  });

  test('and in time where it is not asked to tell', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    await using bridge = await startMailBridge({ port, user, mailbox: { every: '200ms', idle: false } });
    await bridge.recorder.seen('feed.idle');
    await imap.append('INBOX', good('1'));
    await settled(bridge, 1);
    expect(await bridge.published()).toEqual(['1']);
  });
});

const basic = await ownDovecotSuite({
  lines: ['protocol imap {\n  imap_capability = IMAP4rev1 SASL-IR UIDPLUS MOVE\n}'],
});

basic('a server without IDLE', ({ port }) => {
  test('is asked again and again', async () => {
    const user = newUser();
    await using imap = await rawImap(port, user);
    await using bridge = await startMailBridge({ port, user, mailbox: { every: '200ms' } });
    await bridge.recorder.seen('feed.idle');
    await imap.append('INBOX', good('1'));
    await settled(bridge, 1);
    expect(await bridge.published()).toEqual(['1']);
  });
});
