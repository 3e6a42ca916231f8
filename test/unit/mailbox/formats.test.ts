import { describe, expect, it } from 'vitest';
import { mailedNotifications } from '../../../connectors/wapi/mail.ts';
import { wapiNormalise } from '../../../connectors/wapi/normalise.ts';
import { refusedMark } from '../../../src/core/record.ts';
import { takeMail } from '../../../src/sources/mailbox/take-mail.ts';
import { type MimePart, mimeMail } from '../../support/mailbox/mime.ts';

const limits = { mailBytes: 1_000_000, parts: 20, attachmentBytes: 200_000 };
const normalise = wapiNormalise({ account: 'tester', typePrefix: 'com.wedos.wapi' });
const at = new Date(0);

async function take(mail: Buffer) {
  return takeMail(mail, mail.length, { trust: { kind: 'nobody' }, limits, records: mailedNotifications }, at);
}

/** The ids of the events of a mail, and the codes of what is poison. */
async function becomes(mail: Buffer): Promise<readonly string[]> {
  const { records } = await take(mail);
  return records.flatMap((record, index) => {
    const mark = record.headers[refusedMark];
    if (mark !== undefined) return [mark.split(' ')[0] ?? ''];
    return normalise(record, { batchId: undefined, index }).map((outcome) => {
      if (outcome.kind === 'event') return outcome.envelope.attributes.id;
      return outcome.kind === 'poison' ? outcome.error.code : outcome.kind;
    });
  });
}

function notify(id: string, result = 'OK'): string {
  return `<notify><code>1000</code><result>${result}</result><timestamp>1286957932</timestamp><svTRID>1.2.3</svTRID><command>ping-async</command><ID>${id}</ID></notify>`;
}

const result = 'Žluťoučký kůň €';

/** With no decoder of ours. */
const encoded: Readonly<Record<string, (text: string) => Buffer>> = {
  'utf-8': (text) => Buffer.from(text),
  'UTF-8': (text) => Buffer.from(text),
  'utf-16le': (text) => Buffer.from(text, 'utf16le'),
  'utf-16be': (text) => Buffer.from(text, 'utf16le').swap16(),
  'windows-1250': (text) => singleByte(text, 'windows-1250'),
  'iso-8859-2': (text) => singleByte(text.replace('€', 'E'), 'iso-8859-2'),
};

function singleByte(text: string, charset: string): Buffer {
  const decoder = new TextDecoder(charset);
  const bytes = new Map(Array.from({ length: 256 }, (_, byte) => [decoder.decode(Buffer.from([byte])), byte]));
  return Buffer.from(Array.from(text, (character) => bytes.get(character) ?? 0));
}

const encodings = ['8bit', 'base64', 'quoted-printable'] as const;
const matrix = Object.keys(encoded).flatMap((charset) => encodings.map((encoding) => [charset, encoding] as const));
/** Lines of UTF-16 are none to a mail. */
const possible = matrix.filter(([charset, encoding]) => encoding === 'base64' || !charset.startsWith('utf-16'));

function part(type: string, text: string, more: Partial<MimePart> = {}): MimePart {
  return { type, bytes: Buffer.from(text), ...more };
}

function resultOf(xml: Uint8Array): string | undefined {
  return /<result>([^<]*)<\/result>/.exec(Buffer.from(xml).toString())?.[1];
}

describe.each(possible)('a notification in %s, %s', (charset, encoding) => {
  const bytes = encoded[charset]?.(notify('7', result)) ?? Buffer.alloc(0);
  const meant = charset === 'iso-8859-2' ? result.replace('€', 'E') : result;

  it.each([
    ['its text', mimeMail([{ type: `text/plain; charset=${charset}`, bytes, encoding }])],
    ['its HTML', mimeMail([{ type: `text/html; charset="${charset}"`, bytes, encoding }])],
    ['an XML part', mimeMail([{ type: `application/xml; charset=${charset}`, bytes, encoding }])],
    [
      'an attachment',
      mimeMail([
        part('text/plain', 'See the attachment.'),
        { type: `text/xml; charset=${charset}`, bytes, encoding, disposition: 'attachment; filename="n.xml"' },
      ]),
    ],
  ])('is read from %s, to the letter', async (_where, mail) => {
    const { records, good } = await take(mail);
    expect(good).toBe(true);
    expect(records.map(({ bytes: xml }) => resultOf(xml))).toEqual([meant]);
    expect(await becomes(mail)).toEqual(['7']);
  });
});

describe('the charset of an attachment', () => {
  const declared = (charset: string) =>
    encoded[charset]?.(`<?xml version="1.0" encoding="${charset}"?>${notify('7', 'Žluť')}`) ?? Buffer.alloc(0);

  it.each([
    ['its declaration', declared('windows-1250')],
    ['the byte order mark', Buffer.concat([Buffer.from([0xff, 0xfe]), declared('utf-16le')])],
    ['its first bytes', declared('utf-16be')],
    ['nothing, as UTF-8', Buffer.from(notify('7', 'Žluť'))],
  ])('is told by %s', async (_how, bytes) => {
    const mail = mimeMail([part('text/plain', 'x'), { type: 'application/octet-stream', bytes, encoding: 'base64' }]);
    const { records } = await take(mail);
    expect(records.map(({ bytes: xml }) => resultOf(xml))).toEqual(['Žluť']);
  });
});

describe('of a mail', () => {
  it.each([
    ['people write around it', [part('text/plain', `Dobrý den,\n\n${notify('1')}\n\n-- \nWEDOS <x@y>`)], ['1']],
    ['several stand in the text', [part('text/plain', `${notify('1')}\n${notify('2')}`)], ['1', '2']],
    ['a document holds several', [part('text/xml', `<all>${notify('1')}${notify('2')}</all>`)], ['1', '2']],
    [
      'its fields stand in data',
      [part('text/plain', `<response><code>1000</code><data>${notify('1').slice(8, -9)}</data></response>`)],
      ['1'],
    ],
    [
      'one of several is bad',
      [part('text/plain', `${notify('1')}${notify('2', '&x;')}${notify('3')}`)],
      ['1', 'RECORD_MALFORMED', '3'],
    ],
    ['it breaks off', [part('text/plain', '<notify><code>1000</code>')], ['RECORD_MALFORMED']],
    [
      'HTML shows it',
      [part('text/html', `<p>Hi<pre>${notify('1').replaceAll('<', '&lt;').replaceAll('>', '&gt;<br>')}</pre>`)],
      ['1'],
    ],
    ['HTML is what XML is called', [part('text/html', notify('1'))], ['1']],
    ['text flows', [part('text/plain; format=flowed; delsp=yes', notify('1').replace('<code>', ' \r\n<code>'))], ['1']],
    [
      'attachments have one each',
      [part('text/plain', 'x'), part('text/xml', notify('1')), part('text/xml', notify('2'))],
      ['1', '2'],
    ],
    [
      'text and attachment have another one',
      [part('text/plain', notify('1')), part('text/xml', notify('2'))],
      ['1', '2'],
    ],
    ['text and attachment have the same', [part('text/plain', notify('1')), part('text/xml', notify('1'))], ['1']],
    ['there is nothing in it', [part('text/plain', 'Newsletter'), part('image/png', '<png')], ['MAIL_WITHOUT_EVENT']],
    ['it is empty', [part('text/plain', '')], ['MAIL_WITHOUT_EVENT']],
    [
      'a document type is declared',
      [part('text/xml', `<!DOCTYPE a [<!ENTITY x "y">]><a>${notify('1', '&x;')}</a>`)],
      ['RECORD_MALFORMED'],
    ],
    [
      'bytes are not of its charset',
      [{ type: 'text/plain; charset=utf-8', bytes: Buffer.from(notify('1', 'é'), 'latin1') }],
      ['MAIL_UNREADABLE'],
    ],
    [
      'an attachment is not of its charset',
      [
        part('text/plain', 'x'),
        { type: 'text/xml; charset=utf-8', bytes: Buffer.from(notify('1', 'é'), 'latin1'), encoding: 'base64' },
      ],
      ['RECORD_NOT_UTF8'],
    ],
  ] as const)('in which %s', async (_what, parts, expected) => {
    expect(await becomes(mimeMail(parts))).toEqual(expected);
  });

  it('in which the text and the HTML show the same, it is taken once', async () => {
    const html = `<p>${notify('1').replaceAll('<', '&lt;').replaceAll('><', '> <')}</p>`;
    const parts = [part('text/plain', notify('1')), part('text/html', html)];
    expect(await becomes(mimeMail(parts, { subtype: 'alternative' }))).toEqual(['1']);
  });
});

describe('what is too much', () => {
  it.each([
    ['a large mail', mimeMail([part('text/plain', `${'x'.repeat(1_000_001)}`)])],
    ['many parts', mimeMail(Array.from({ length: 30 }, () => part('text/plain', notify('1'))))],
    ['a large attachment', mimeMail([part('text/plain', notify('1')), part('image/png', 'x'.repeat(200_001))])],
  ])('%s is refused, and its beginning kept', async (_what, mail) => {
    const { records, good } = await take(mail);
    expect(good).toBe(false);
    expect(records).toMatchObject([{ mediaType: 'message/rfc822' }]);
    expect(records[0]?.headers[refusedMark]).toMatch(/^MAIL_TOO_LARGE /);
    expect(records[0]?.bytes.length).toBeLessThanOrEqual(64 * 1024);
    expect(records[0]?.headers['from']).toContain('notify@wedos.example');
  });
});
