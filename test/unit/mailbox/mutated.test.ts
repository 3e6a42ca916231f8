import { expect, test } from 'vitest';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import { mailedNotifications } from '../../../connectors/wapi/mail.ts';
import type { MailTrust } from '../../../src/core/mailbox.ts';
import { refusedMark } from '../../../src/core/record.ts';
import { takeMail } from '../../../src/sources/mailbox/take-mail.ts';
import { full, seed } from '../../crash/scale.ts';
import { type MimePart, mimeMail } from '../../support/mailbox/mime.ts';

const count = full ? 10_000 : 1_000;
const limits = { mailBytes: 1_000_000, parts: 20, attachmentBytes: 200_000 };
const xml = '<notify><code>1000</code><svTRID>1.2.3</svTRID><command>ping-async</command><ID>7</ID></notify>';
const bytes = Buffer.from(xml);
const headers = [
  'Received: from a (a [203.0.113.7]) by mx.example.com',
  'Authentication-Results: mx.example.com; dkim=pass header.d=wedos.com',
];
const text: MimePart = { type: 'text/plain; charset="utf-8"; format=flowed', bytes };

const whole = [
  mimeMail([text], { headers }),
  mimeMail(
    [
      { ...text, encoding: 'quoted-printable' },
      { type: 'text/html', bytes, encoding: 'base64' },
    ],
    {
      subtype: 'alternative',
      headers,
    },
  ),
  mimeMail(
    [
      text,
      {
        type: 'application/xml; charset=windows-1250',
        bytes,
        encoding: 'base64',
        disposition: "attachment; filename*=utf-8''%C5%BD.xml",
      },
    ],
    { headers },
  ),
  mimeMail([text, { type: 'message/rfc822', bytes: mimeMail([text]) }, { type: 'message/delivery-status', bytes }], {
    headers,
  }),
];

const trusts: readonly MailTrust[] = [
  { kind: 'nobody' },
  { kind: 'authentication-results', authservId: 'mx.example.com', dkim: ['wedos.com'] },
  { kind: 'network', from: ['notify@wedos.example'], receivedBy: 'mx.example.com', network: ['203.0.113.0/24'] },
];

const roll = dice(seed);
const below = (end: number) => Math.floor(roll() * end);

/** What mails are made of, in places where it does not belong. */
const bits = [
  '\r\n',
  '\n',
  '\r\n\r\n',
  '------=_border',
  '----=_border--',
  '=',
  '=?utf-8?B?',
  '"',
  '(',
  ';',
  '\0',
  '\xff',
  '<notify>',
  '</notify>',
  'Content-Type: multipart/mixed; boundary=""\r\n',
  'Content-Type: text/plain; charset=utf-7\r\n',
  'Content-Transfer-Encoding: base64\r\n',
  'Content-Type: message/rfc822\r\n\r\n',
  ' '.repeat(2_000),
  '<'.repeat(500),
] as const;

function mutate(mail: Buffer): Buffer {
  let mutant = Buffer.from(mail);
  for (let times = 1 + below(6); times > 0; times--) {
    const at = below(mutant.length + 1);
    const to = Math.min(mutant.length, at + below(80));
    const bit = Buffer.from(bits[below(bits.length)] ?? '', 'latin1');
    const pieces = [
      () => [mutant.subarray(0, at), bit, mutant.subarray(at)],
      () => [mutant.subarray(0, at), mutant.subarray(to)],
      () => [mutant.subarray(0, at), Buffer.from([below(256)]), mutant.subarray(at + 1)],
      () => [mutant.subarray(0, to), mutant.subarray(at)],
      () => [mutant.subarray(0, at)],
    ][below(5)]?.();
    mutant = Buffer.concat(pieces ?? [mutant]);
  }
  return mutant;
}

test(`${count} mutated mails become records, or are refused, and nothing else`, { timeout: 300_000 }, async () => {
  const unhandled: unknown[] = [];
  const hear = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', hear);
  const codes = new Map<string, number>();
  for (let n = 0; n < count; n++) {
    const mail = mutate(whole[n % whole.length] ?? Buffer.alloc(0));
    const trust = trusts[below(trusts.length)] ?? { kind: 'nobody' };
    const { records, good } = await takeMail(
      mail,
      mail.length,
      { trust, limits, records: mailedNotifications },
      new Date(0),
    );
    expect(records.length).toBeGreaterThan(0);
    const marks = records.flatMap(({ headers: { [refusedMark]: mark } }) => mark ?? []);
    expect(marks.length > 0).toBe(!good);
    for (const mark of marks.length > 0 ? marks : ['good']) {
      const code = mark.split(' ')[0] ?? '';
      codes.set(code, (codes.get(code) ?? 0) + 1);
    }
  }
  await new Promise(setImmediate);
  process.off('unhandledRejection', hear);
  console.log(`mutated mails (seed ${seed}): ${[...codes].map(([code, times]) => `${times} ${code}`).join(', ')}`);
  expect(unhandled).toEqual([]);
  expect([...codes.keys()].sort()).toEqual(expect.arrayContaining(['MAIL_UNTRUSTED', 'MAIL_WITHOUT_EVENT', 'good']));
});
