import { describe, expect, test } from 'vitest';
import { encodeMark, readMark } from '../../../src/sinks/kafka/marks.ts';

const read = (text: string) => readMark(Buffer.from(text), 'feedferry/test/feed');

describe('a mark', () => {
  test.each([undefined, '', 'position 7', 'batch abc "ü"'])('%j is read as it was written', (mark) => {
    expect(readMark(encodeMark({ mark, owner: 'me' }), 'id')).toEqual({ mark, owner: 'me' });
  });

  test('looks as it always has: other versions have to read it', () => {
    expect(encodeMark({ mark: 'position 7', owner: 'me' }).toString()).toBe(
      '{"version":1,"mark":"position 7","owner":"me"}',
    );
  });

  test.each([
    '',
    'null',
    '7',
    '[]',
    '{',
    '{"version":2,"mark":"a","owner":"me"}',
    '{"version":1,"mark":7,"owner":"me"}',
  ])('%j is none', (text) => {
    expect(() => read(text)).toThrow(
      expect.objectContaining({ code: 'MARK_UNREADABLE', message: expect.stringContaining('feedferry/test/feed') }),
    );
  });
});
