import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEventStream } from '../../../src/sources/sse/event-stream.ts';

type Found =
  | { readonly kind: 'event'; readonly data: string; readonly name?: string; readonly id?: string }
  | { readonly kind: 'retry'; readonly ms: number }
  | { readonly kind: 'too-large'; readonly head: string };

interface Reading {
  readonly found: readonly Found[];
  readonly stray: readonly string[];
  readonly lastEventId: string | undefined;
}

/** Cuts at these places. */
function cut(bytes: Buffer, places: readonly number[]): readonly Buffer[] {
  const at = [0, ...places.map((place) => place % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  return at.slice(1).map((end, index) => bytes.subarray(at[index], end));
}

function read(chunks: readonly Buffer[], maxEventBytes = 1_000_000): Reading {
  const found: Found[] = [];
  const stray: string[] = [];
  const stream = createEventStream({
    maxEventBytes,
    on: {
      event: ({ data, name, lastEventId }) =>
        found.push({
          kind: 'event',
          data: data.toString('latin1'),
          ...(name && { name: name.toString('latin1') }),
          ...(lastEventId && { id: lastEventId.toString('latin1') }),
        }),
      retry: (ms) => found.push({ kind: 'retry', ms }),
      stray: (line) => stray.push(line.toString('latin1')),
      tooLarge: ({ data }) => found.push({ kind: 'too-large', head: data.toString('latin1') }),
    },
  });
  for (const chunk of chunks) stream.push(chunk);
  return { found, stray, lastEventId: stream.lastEventId?.toString('latin1') };
}

const readText = (text: string) => read([Buffer.from(text)]).found;
const event = (data: string, more: { readonly name?: string; readonly id?: string } = {}): Found => ({
  kind: 'event',
  data,
  ...more,
});

/** As the standard says, by its own examples and by its rules. */
const rules: readonly (readonly [string, string, readonly Found[]])[] = [
  ['the example of the standard: lines are joined', 'data: YHOO\ndata: +2\ndata: 10\n\n', [event('YHOO\n+2\n10')]],
  [
    'the example of the standard: comments, ids, and an id that is reset',
    ': test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event',
    [event('first event', { id: '1' }), event('second event', { id: '' })],
  ],
  ['the example of the standard: data without a value', 'data\n\ndata\ndata\n\ndata:', [event(''), event('\n')]],
  [
    'the example of the standard: one space is taken away',
    'data:test\n\ndata: test\n\n',
    [event('test'), event('test')],
  ],
  ['only one space is taken away', 'data:  x\n\n', [event(' x')]],
  ['a last block without an empty line is dropped', 'data: a\n\ndata: b\n', [event('a')]],
  ['blocks without data are no events', 'event: x\n\nid: 4\n\n: hi\n\n\n\n', []],
  ['a block without data does not give its name to the next', 'event: x\n\ndata: a\n\n', [event('a')]],
  ['the id of a block without data stays', 'id: 4\n\ndata: a\n\n', [event('a', { id: '4' })]],
  ['a byte order mark at the beginning is skipped, once', '\uFEFFdata: a\n\n\uFEFFdata: b\n\n', [event('a')]],
  ['only the first of two byte order marks is skipped', '\uFEFF\uFEFFdata: a\n\ndata: b\n\n', [event('b')]],
  ['a byte order mark in the data stays', 'data: \uFEFFa\n\n', [event(Buffer.from('\uFEFFa').toString('latin1'))]],
  ['lines end with CR, LF and CRLF', 'data: a\rdata: b\r\n\rdata: c\n\r\n', [event('a\nb'), event('c')]],
  ['CR and LF are one end of line, CR and CR are two', 'data: a\r\rdata: b\r\n\r\n', [event('a'), event('b')]],
  [
    'an id with NUL is ignored',
    'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
    [event('a', { id: '1' }), event('b', { id: '1' })],
  ],
  [
    'retry takes digits only',
    'retry: 1500\nretry: 1.5\nretry: -1\nretry: x\nretry:\nretry: 7 \n\n',
    [{ kind: 'retry', ms: 1500 }],
  ],
  ['names of fields are case-sensitive, and not trimmed', 'Data: a\n data: b\ndata : c\nfoo: d\n\n', []],
  ['a name of an event', 'event: add\ndata: 1\n\nevent:\ndata: 2\n\n', [event('1', { name: 'add' }), event('2')]],
  ['the last name counts', 'event: a\nevent: b\ndata: 1\n\n', [event('1', { name: 'b' })]],
  ['a colon in the data stays', 'data: a: b:\n\n', [event('a: b:')]],
  ['a line that begins with a colon is a comment', ':data: a\n: \n:\n\n', []],
];

describe('event streams', () => {
  it.each(rules)('%s', (_name, text, expected) => {
    expect(readText(text)).toEqual(expected);
    const bytes = Buffer.from(text);
    expect(read(Array.from(bytes, (_byte, at) => bytes.subarray(at, at + 1))).found).toEqual(expected);
  });

  it('have as last event id that of the last block that was ended, also of one without data', () => {
    expect(read([Buffer.from('id: 1\ndata: a\n\nid: 2\n\nid: 3\ndata: b\n')]).lastEventId).toBe('2');
  });

  it('keep the id of the connection before until another one is set', () => {
    const ids: (string | undefined)[] = [];
    const on = {
      event: ({ lastEventId }: { readonly lastEventId: Buffer | undefined }) => ids.push(lastEventId?.toString()),
      retry() {},
      stray() {},
      tooLarge() {},
    };
    const stream = createEventStream({ maxEventBytes: 100, lastEventId: Buffer.from('7'), on });
    stream.push(Buffer.from('data: a\n\nid: 8\ndata: b\n\n'));
    expect(ids).toEqual(['7', '8']);
  });

  it('give bytes as they came, also those that are no UTF-8', () => {
    const data = Buffer.from([0xff, 0xfe, 0x41, 0xc3]);
    const { found } = read([Buffer.concat([Buffer.from('data: '), data, Buffer.from('\n\ndata: fine\n\n')])]);
    expect(found).toEqual([event(data.toString('latin1')), event('fine')]);
  });

  it('give lines that are no fields, for what is no event stream', () => {
    expect(read([Buffer.from('\n\nauth_failed\n{"error": "x"}\n')]).stray).toEqual(['auth_failed', '{"error": "x"}']);
  });
});

const line = fc.oneof(
  fc.constantFrom(
    'data: a',
    'data',
    'data:',
    'data:  b',
    'event: e',
    'event',
    'id: 1',
    'id',
    'id: 2\0',
    ': c',
    ':',
    '',
  ),
  fc.constantFrom(
    '',
    '',
    'retry: 10',
    'retry: x',
    'foo: 1',
    'DATA: a',
    '\uFEFF',
    'data: \u20ac\u{1F600}',
    'data: x\0y',
  ),
  fc.string({ unit: 'binary', maxLength: 8 }).map((text) => text.replace(/[\r\n]/g, '')),
);
const stream = fc
  .array(fc.tuple(line, fc.constantFrom('\n', '\r', '\r\n')), { maxLength: 30 })
  .map((lines) => lines.map(([text, end]) => text + end).join(''));
const marked = fc.tuple(fc.boolean(), stream).map(([mark, text]) => (mark ? `\uFEFF${text}` : text));
const places = fc.array(fc.nat(), { maxLength: 20 });

/** The library that others use. It reads text, and skips a byte order mark itself. */
function oracle(text: string): readonly Found[] {
  const found: Found[] = [];
  const latin1 = (value: string) => Buffer.from(value).toString('latin1');
  let lastId: string | undefined;
  const parser = createParser({
    onEvent: ({ data, event: name, id }) => {
      if (id !== undefined) lastId = id;
      found.push({
        kind: 'event',
        data: latin1(data),
        ...(name && { name: latin1(name) }),
        ...(lastId !== undefined && { id: latin1(lastId) }),
      });
    },
    onRetry: (ms) => found.push({ kind: 'retry', ms }),
  });
  parser.feed(text);
  return found;
}

describe('any event stream', () => {
  it('gives the same events in any chunks', () => {
    fc.assert(
      fc.property(marked, places, (text, cuts) => {
        const bytes = Buffer.from(text);
        expect(read(cut(bytes, cuts))).toEqual(read([bytes]));
      }),
      { numRuns: 2_000 },
    );
  });

  it('gives the events that another parser finds in it', () => {
    fc.assert(
      fc.property(marked, (text) => {
        // That one gives no id of a block without data on to the next, and takes a lone surrogate as it is.
        const whole = text.toWellFormed();
        const withoutIds = (all: readonly Found[]) => all.map((one) => ({ ...one, id: undefined }));
        expect(withoutIds(readText(whole))).toEqual(withoutIds(oracle(whole)));
      }),
      { numRuns: 2_000 },
    );
  });

  it('that is garbage breaks nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), places, (bytes, cuts) => {
        const buffer = Buffer.from(bytes);
        expect(read(cut(buffer, cuts), 64)).toEqual(read([buffer], 64));
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('a block that is too large', () => {
  it.each([
    ['in one line without an end', Buffer.from(`data: ${'x'.repeat(2_000)}`)],
    ['in one line', Buffer.from(`data: ${'x'.repeat(2_000)}\n\n`)],
    ['in many lines', Buffer.from('data: x\n'.repeat(2_000))],
    ['in empty lines of data', Buffer.from('data\n'.repeat(2_000))],
    ['in a line that is no data', Buffer.from('y'.repeat(2_000))],
    ['by its name', Buffer.from(`event: ${'x'.repeat(2_000)}\n`)],
  ])('is refused: %s; nothing after it is read', (_name, bytes) => {
    for (const chunks of [[bytes], cut(bytes, [100, 200, 300, 990, 1_010])]) {
      const { found } = read([...chunks, Buffer.from('\n\ndata: after\n\n')], 1_000);
      expect(found.map(({ kind }) => kind)).toEqual(['too-large']);
    }
  });

  it('leaves the beginning of its data', () => {
    const { found } = read([Buffer.from(`data: ${'abc'.repeat(1_000)}`)], 1_000);
    expect(found).toEqual([{ kind: 'too-large', head: 'abc'.repeat(1_000) }]);
  });

  it('is one by its last byte: what is as large as allowed is not', () => {
    const name = 'event: tick\n';
    // The name, the line of data, and the line feed that it has there.
    const most = 'x'.repeat(1_000 - 'tick'.length - 1);
    const kindsOf = (text: string) => read([Buffer.from(text)], 1_000).found.map(({ kind }) => kind);
    expect(kindsOf(`${name}data:${most}\n\n`)).toEqual(['event']);
    expect(kindsOf(`${name}data:${most}x\n\n`)).toEqual(['too-large']);
  });

  it('is not one with long comments', () => {
    const comment = Buffer.alloc(100_000, 'x');
    const chunks = [Buffer.from(': '), ...Array.from({ length: 100 }, () => comment), Buffer.from('\ndata: a\n\n')];
    expect(read(chunks, 1_000).found).toEqual([event('a')]);
  });
});
