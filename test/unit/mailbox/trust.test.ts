import { describe, expect, it } from 'vitest';
import type { MailTrust } from '../../../src/core/mailbox.ts';
import { judgeTrust } from '../../../src/sources/mailbox/trust/judge-trust.ts';

const dkim: MailTrust = { kind: 'authentication-results', authservId: 'mx.example.com', dkim: ['wedos.com'] };
const network: MailTrust = {
  kind: 'network',
  from: ['notify@wedos.com'],
  receivedBy: 'mx.example.com',
  network: ['203.0.113.0/24', '2001:db8::/32'],
};

function mailOf(...lines: readonly string[]): Buffer {
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\nbody\r\n`, 'latin1');
}

function results(value: string): string {
  return `Authentication-Results: ${value}`;
}

describe('a DKIM result of a trusted server', () => {
  it.each([
    ['plain', ['mx.example.com; dkim=pass header.d=wedos.com']],
    ['in capitals', ['MX.example.com; DKIM=PASS header.D=WEDOS.COM']],
    [
      'with a version, comments and folds',
      ['mx.example.com 1;\r\n\tdkim=pass (2048-bit; key) reason="a; b" header.d=wedos.com\r\n header.s=x'],
    ],
    ['with the agent alone', ['mx.example.com; dkim=pass header.i=@wedos.com']],
    [
      'among others',
      ['mx.example.com; spf=fail smtp.mailfrom=a@b.cz; dkim=fail header.d=evil.cz; dkim=pass header.d=wedos.com'],
    ],
    ['in quotes', ['"mx.example.com"; dkim=pass header.d="wedos.com"']],
    [
      'below that of another server',
      ['other.example.com; dkim=fail header.d=wedos.com', 'mx.example.com; dkim=pass header.d=wedos.com'],
    ],
  ])('is believed %s', (_how, values) => {
    expect(judgeTrust(mailOf(...values.map(results), 'From: a@wedos.com'), dkim)).toBeUndefined();
  });

  it.each([
    ['which is missing', []],
    ['of another server', ['evil.example.com; dkim=pass header.d=wedos.com']],
    ['below its own', ['mx.example.com; dkim=none', 'mx.example.com; dkim=pass header.d=wedos.com']],
    ['of another domain', ['mx.example.com; dkim=pass header.d=evil.com']],
    ['of a domain below it', ['mx.example.com; dkim=pass header.d=evil.wedos.com']],
    ['of a domain that ends like it', ['mx.example.com; dkim=pass header.d=evilwedos.com']],
    ['that failed', ['mx.example.com; dkim=fail header.d=wedos.com']],
    [
      'that failed, with pass in a comment',
      ['mx.example.com; dkim=fail (dkim=pass header.d=wedos.com) header.d=wedos.com'],
    ],
    [
      'that failed, with pass in a reason',
      ['mx.example.com; dkim=fail reason="; dkim=pass header.d=wedos.com; " header.d=wedos.com'],
    ],
    ['of another method', ['mx.example.com; spf=pass smtp.mailfrom=a@wedos.com; dmarc=pass header.from=wedos.com']],
    ['with the domain of the signature elsewhere', ['mx.example.com; dkim=pass header.d=evil.com header.i=@wedos.com']],
    ['that names the server as a part of another name', ['mx.example.com.evil.com; dkim=pass header.d=wedos.com']],
    ['with a tag in the user part', ['mx.example.com; dkim=pass header.i="@wedos.com@evil.com"']],
  ])('is not believed %s', (_how, values) => {
    expect(judgeTrust(mailOf(...values.map(results), 'From: a@wedos.com'), dkim)).toMatchObject({
      code: 'MAIL_UNTRUSTED',
    });
  });

  it('is not believed for a signature that covers the beginning alone', () => {
    const good = results('mx.example.com; dkim=pass header.d=wedos.com');
    const signature = 'DKIM-Signature: v=1; a=rsa-sha256; d=wedos.com; s=x;';
    expect(judgeTrust(mailOf(good, `${signature} bh=y; b=z`), dkim)).toBeUndefined();
    expect(judgeTrust(mailOf(good, `${signature} l=10; bh=y;\r\n b=z`), dkim)?.message).toContain('l=');
  });

  it('is not looked for in the body', () => {
    const mail = Buffer.from(`From: a@wedos.com\r\n\r\n${results('mx.example.com; dkim=pass header.d=wedos.com')}\r\n`);
    expect(judgeTrust(mail, dkim)?.code).toBe('MAIL_UNTRUSTED');
  });
});

const from = 'From: WEDOS <notify@wedos.com>';

describe('a sender and a network', () => {
  it.each([
    [
      'Postfix',
      'from mail.wedos.com (mail.wedos.com [203.0.113.7])\r\n\tby mx.example.com (Postfix) with ESMTPS id 4X',
    ],
    ['Exim', 'from mail.wedos.com ([203.0.113.7] helo=[10.0.0.1])\r\n by mx.example.com with esmtps'],
    ['Exchange', 'from mail.wedos.com (203.0.113.7) by mx.example.com (10.0.0.2) with Microsoft SMTP Server'],
    ['IPv6', 'from mail.wedos.com (mail.wedos.com [IPv6:2001:db8::7]) by mx.example.com (Postfix)'],
  ])('are believed as %s writes them', (_who, received) => {
    expect(
      judgeTrust(
        mailOf('Received: from mx.example.com by store.example.com with LMTP', `Received: ${received}`, from),
        network,
      ),
    ).toBeUndefined();
  });

  const genuine = 'Received: from mail.wedos.com (mail.wedos.com [203.0.113.7]) by mx.example.com (Postfix)';
  it.each([
    ['no Received', [from]],
    ['a Received of another host', ['Received: from a (a [203.0.113.7]) by evil.com', from]],
    ['another address', ['Received: from mail.wedos.com (unknown [198.51.100.1]) by mx.example.com', from]],
    ['the address in HELO alone', ['Received: from [203.0.113.7] (unknown [198.51.100.1]) by mx.example.com', from]],
    ['the address in helo= alone', ['Received: from [198.51.100.1] (helo=[203.0.113.7]) by mx.example.com', from]],
    ['two addresses', ['Received: from a ([198.51.100.1] [203.0.113.7]) by mx.example.com', from]],
    ['one more below', ['Received: from a (a [198.51.100.1]) by mx.example.com', genuine, from]],
    ['the host in a comment', ['Received: from a (a [203.0.113.7] by mx.example.com) by evil.com', from]],
    ['another From', [genuine, 'From: notify@wedos.com.evil.com']],
    ['the address as a name', [genuine, 'From: "notify@wedos.com" <a@evil.com>']],
    ['the address in a comment', [genuine, 'From: a@evil.com (notify@wedos.com)']],
    ['two addresses in From', [genuine, 'From: notify@wedos.com, a@evil.com']],
    ['two From', [genuine, from, 'From: a@evil.com']],
    ['no From', [genuine]],
  ])('are not believed with %s', (_what, lines) => {
    expect(judgeTrust(mailOf(...lines), network)).toMatchObject({ code: 'MAIL_UNTRUSTED' });
  });
});

describe('a header made to cost time', () => {
  it.each([
    ['quotes', results(`x; ${'"'.repeat(200_000)}`)],
    ['escapes', `From: "${'\\"'.repeat(100_000)}`],
    ['white space', results(`mx.example.com; dkim=pass ${' '.repeat(200_000)}x`)],
    ['comments', results(`${'('.repeat(200_000)}`)],
    ['many fields', Array.from({ length: 30 }, () => results(`mx.example.com; ${'a= '.repeat(2_600)}`)).join('\r\n')],
    ['no end', results('x; '.repeat(80_000))],
  ])('such as %s takes none', (_what, line) => {
    const began = performance.now();
    expect(judgeTrust(mailOf(line), dkim)?.code).toBe('MAIL_UNTRUSTED');
    expect(judgeTrust(mailOf(line), network)?.code).toBe('MAIL_UNTRUSTED');
    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

it('anybody is believed on purpose alone', () => {
  expect(judgeTrust(mailOf('From: a@evil.com'), { kind: 'nobody' })).toBeUndefined();
});
