import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type DeadLetter, deadLetterEnvelope, deadLetterId } from '../../../src/core/dead-letter.ts';
import { encodeStructured } from '../../../src/core/envelope.ts';

const golden = join(import.meta.dirname, '../../../connectors/fenergo/fixtures/golden/dead-letter.json');
const source = '/fenergo/bded51d4-598e-4079-9cf6-43e74144b415/journey';
const bytes = Buffer.from('eyJldmVudFR5cGUiOiJqb3VybmV5OnRhc2tjb21wbGV0ZWQiLCJ3aGVuIjoieWVzdGVyZGF5In0=', 'base64');

function letter(at: string, more: Partial<DeadLetter> = {}): DeadLetter {
  return {
    id: deadLetterId(source, '1642925639481', 3, bytes),
    feed: 'fenergo/journey',
    status: 'open',
    source,
    code: 'RECORD_WITHOUT_ID',
    reason: 'notification 3 of batch 1642925639481 has no id',
    stage: 'normalise',
    attempts: 1,
    batchId: '1642925639481',
    index: 3,
    record: { bytes, mediaType: 'application/json', headers: { cookie: 'secret' }, receivedAt: new Date(at) },
    envelope: null,
    firstAt: new Date(at),
    lastAt: new Date(at),
    ...more,
  };
}

const copyOf = (dead: DeadLetter) => encodeStructured(deadLetterEnvelope(dead)).toString();

test('the event of a dead letter is the golden one', async () => {
  const copy = JSON.parse(copyOf(letter('2026-01-01T00:00:00Z')));
  expect(copy.id).toBe('12bed3b405d719b64e314ba3b1e0b39e');
  expect(copy).toEqual(JSON.parse(await readFile(golden, 'utf8')));
});

test('times and headers are not in it, so that a repeat has equal bytes', () => {
  expect(copyOf(letter('2026-01-01T00:00:00Z'))).toBe(copyOf(letter('2027-11-30T12:34:56Z')));
  expect(copyOf(letter('2026-01-01T00:00:00Z'))).not.toMatch(/secret|2026|cookie/);
});

test('the event that it had become is in it as it was, with numbers that no computer can round', () => {
  const event = '{"id":"1","data":{ "amount": 12345678901234567890.10, "__proto__": [] }}';
  const copy = copyOf(letter('2026-01-01T00:00:00Z', { envelope: Buffer.from(event) }));
  expect(copy).toContain(`"envelope":${event}}`);
  expect(JSON.parse(copy).data).toMatchObject({ index: 3, envelope: { id: '1' } });
});
