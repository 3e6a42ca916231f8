import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dice } from '../../../connectors/fenergo/simulator/mix.ts';
import { canonicalXml } from '../../../src/kit/xml/canonical.ts';
import { readXml } from '../../../src/kit/xml/read.ts';
import { xmlToJson } from '../../../src/kit/xml/to-json.ts';
import { verdictOn } from './support.ts';

const size = 1024 ** 2;

/** Pads in front of `end` to the same size as all others. */
function ofSize(head: string, filler: string, end: string): Buffer {
  const room = size - head.length - end.length;
  return Buffer.from(head + filler.repeat(Math.floor(room / filler.length)) + end);
}

const benign = ofSize('<a>', '<b x="1">text &amp; text</b>', '</a>');

function quickest(bytes: Uint8Array, tries = 5): number {
  const times = Array.from({ length: tries }, () => {
    const began = performance.now();
    readXml(bytes, { maxNodes: Number.POSITIVE_INFINITY });
    return performance.now() - began;
  });
  return Math.min(...times);
}

const laughs = Array.from({ length: 9 }, (_, n) => `<!ENTITY l${n + 1} "${`&l${n};`.repeat(10)}">`).join('');
const attacks: readonly (readonly [string, Buffer])[] = [
  ['a billion laughs', ofSize(`<!DOCTYPE a [<!ENTITY l0 "ha">${laughs}]><a>&l9;`, '&l9;', '</a>')],
  ['quadratic blow-up', ofSize(`<!DOCTYPE a [<!ENTITY x "${'x'.repeat(size / 2)}">]><a>`, '&x;', '</a>')],
  ['entities nobody declares', ofSize('<a>', '&x;', '</a>')],
  ['a document type without end', ofSize('<!DOCTYPE a [', '<!ENTITY x "y">', '')],
  ['nesting without end', ofSize('', '<a>', '')],
  ['nesting that closes', Buffer.from('<a>'.repeat(size / 7) + '</a>'.repeat(size / 7))],
  ['a tag that does not end', ofSize('<a ', 'b', '')],
  ['attributes without end', Buffer.from(`<a ${Array.from({ length: 80_000 }, (_, n) => `b${n}="1"`).join(' ')}/>`)],
  ['an attribute without end', ofSize('<a b="', '&amp;', '')],
  ['a comment without end', ofSize('<a><!-- ', '- ', '')],
  ['CDATA without end', ofSize('<a><![CDATA[', ']', '')],
  ['brackets in text', ofSize('<a>', ']] ', '</a>')],
  ['ampersands', ofSize('<a>', '&', '</a>')],
];

describe('documents that attack', () => {
  it.each(attacks)('%s takes at most 10 times as long as a benign one of its size', (_what, bytes) => {
    readXml(benign);
    const ratio = quickest(bytes) / quickest(benign);
    expect(ratio).toBeLessThanOrEqual(10);
  });

  it.each(attacks.slice(0, 8).filter(([what]) => what !== 'attributes without end'))(
    '%s is refused',
    (_what, bytes) => {
      expect(verdictOn(bytes)).toContain('not-xml');
    },
  );

  it('with external entities connect to nobody, and read no file', async () => {
    let connections = 0;
    const server = createServer().on('connection', () => connections++);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const file = join(import.meta.dirname, 'attacks.test.ts');
    for (const system of [`http://127.0.0.1:${port}/x.dtd`, `file://${file}`, file]) {
      for (const document of [
        `<!DOCTYPE a SYSTEM "${system}"><a/>`,
        `<!DOCTYPE a [<!ENTITY x SYSTEM "${system}">]><a>&x;</a>`,
        `<!DOCTYPE a [<!ENTITY % x SYSTEM "${system}"> %x;]><a/>`,
        `<a xmlns:xi="http://www.w3.org/2001/XInclude"><xi:include href="${system}" parse="text"/></a>`,
        `<?xml-stylesheet href="${system}"?><a xsi:schemaLocation="x ${system}"/>`,
      ]) {
        const reading = readXml(Buffer.from(document));
        const shown = reading.kind === 'xml' ? canonicalXml(reading.root) : reading.problem;
        expect(shown).not.toContain('documents that attack');
        if (document.startsWith('<!DOCTYPE')) expect(reading.kind).toBe('not-xml');
      }
    }
    await new Promise((resolve) => server.close(resolve));
    expect(connections).toBe(0);
  });
});

const samples = [
  '<?xml version="1.0" encoding="UTF-8"?><notify><code>1000</code><ID>2691</ID></notify>',
  '<response a="1"><data><![CDATA[x]]>&amp;&#x17E;<b c=\'d\'/></data><!-- e --><?f g?></response>',
  '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;ž</a>',
];

it('10,000 mutations give a document or a reason, and nothing else', () => {
  const roll = dice(20_261_123);
  const pick = (below: number): number => Math.floor(roll() * below);
  for (let round = 0; round < 10_000; round++) {
    let bytes = Buffer.from(samples[pick(samples.length)] ?? '');
    for (let changes = 1 + pick(6); changes > 0; changes--) {
      const at = pick(bytes.length + 1);
      const piece = Buffer.from(samples[pick(samples.length)] ?? '');
      const from = pick(piece.length);
      const insert = [Buffer.from([pick(256)]), piece.subarray(from, from + pick(12)), Buffer.alloc(0)][pick(3)];
      bytes = Buffer.concat([bytes.subarray(0, at), insert ?? Buffer.alloc(0), bytes.subarray(at + pick(5))]);
    }
    const reading = readXml(bytes);
    if (reading.kind !== 'xml') {
      expect(reading.problem).not.toBe('');
      continue;
    }
    const canonical = canonicalXml(reading.root);
    const again = readXml(Buffer.from(canonical));
    expect(again.kind === 'xml' && canonicalXml(again.root)).toBe(canonical);
    expect(() => JSON.parse(xmlToJson(reading.root))).not.toThrow();
  }
});
