import { expect, it } from 'vitest';
import { deadLetterEnvelope } from '../../../src/core/dead-letter.ts';
import { encodeStructured } from '../../../src/core/envelope.ts';
import { readLog } from '../../../src/sinks/log/read-log.ts';
import { fakeControl, feed, openLaboratory } from './support.ts';

const dead = '{ broker: out, topic: dead }';

async function linesOf(dir: string): Promise<readonly string[]> {
  const lines: string[] = [];
  for await (const { line } of readLog(dir, 'dead')) lines.push(line.toString());
  return lines;
}

it('what an operator sets aside is copied before it is completed', async () => {
  await using laboratory = await openLaboratory({}, dead);
  const { simulator, state, operations, events, logDir } = laboratory;
  simulator.enqueue('journey', '{"batchId":"77","notifications":[{"id":"a"', '77');
  const { deadLetterId } = await operations().setAside(feed, { reason: 'truncated' });
  const letter = await state.deadLetters.get(deadLetterId);
  if (letter === undefined) throw new Error('it is not kept');
  expect(await linesOf(logDir)).toEqual([encodeStructured(deadLetterEnvelope(letter)).toString()]);
  expect(events).toContainEqual({
    event: 'dead-letter.copied',
    feed,
    batchId: '77',
    id: deadLetterId,
    destination: 'dead',
  });
  expect(await operations().peek(feed)).toBeUndefined();
});

it('while its copy cannot be made, a batch is kept but not completed, and the operator is told', async () => {
  await using laboratory = await openLaboratory({}, '{ broker: bad, topic: dead }');
  const { simulator, state, operations } = laboratory;
  const { control, steered } = fakeControl('running');
  simulator.fill({ feed: 'journey', events: 5 });
  await expect(operations(control).setAside(feed, { reason: 'r' })).rejects.toMatchObject({
    code: 'LOG_UNWRITABLE',
    message: expect.stringContaining(
      'the copy of the dead letter is not confirmed within 0.5 s: destination deadLetters',
    ),
    hint: expect.stringContaining('Nothing was completed'),
  });
  expect(simulator.stats().feeds.journey.completedEvents).toBe(0);
  expect(await state.deadLetters.list({ limit: 10 })).toHaveLength(1);
  expect(steered).toEqual(['pause', 'resume']);
});

it('an operator who gives up is told so', async () => {
  await using laboratory = await openLaboratory({}, '{ broker: bad, topic: dead }');
  const { simulator, operations, events } = laboratory;
  simulator.fill({ feed: 'journey', events: 5 });
  const interrupt = new AbortController();
  const acting = operations(undefined, interrupt.signal).setAside(feed, { reason: 'r' });
  await expect.poll(() => events.some(({ event }) => event === 'attempt.failed')).toBe(true);
  interrupt.abort();
  await expect(acting).rejects.toMatchObject({ code: 'STOPPING' });
  expect(simulator.stats().feeds.journey.completedEvents).toBe(0);
});
