import { expect, it } from 'vitest';
import type { Delivery } from '../../../src/core/sink.ts';
import { createLanesPublisher } from '../../../src/pipeline/lanes.ts';
import { createTrouble } from '../../../src/pipeline/trouble.ts';
import {
  type Answer,
  confirm,
  confirmAll,
  createFakeSink,
  failed,
  type SinkCall,
  unknown,
} from '../../support/fake-sink.ts';
import { sampleEvent } from '../../support/sample-events.ts';

const { signal } = new AbortController();
const feed = 'sample/feed';
const ignore = () => {};
const quick = { baseMs: 1, capMs: 2, jitter: 'full' } as const;
const spare = { spareCalls: 1, destination: (lane: string) => lane };

const isForIll = ({ items }: SinkCall) => items.some(({ destination }) => destination === 'ill');

/** Refuses what goes to `ill` at first, then hangs with it until the gate opens. */
function hanging(gate: Promise<void>, refusal: Delivery): Answer {
  let refused = false;
  return async (call) => {
    if (!isForIll(call)) return confirmAll(call);
    if (refused) await gate;
    const answer = refused ? confirm : refusal;
    refused = true;
    return call.items.map(({ destination }) => (destination === 'ill' ? answer : confirm));
  };
}

it.each([
  ['refused', failed()],
  ['unknown', unknown()],
  ['poison', failed('EVENT_TOO_LARGE')],
] as const)('a destination where something was %s holds up no other one', async (_, refusal) => {
  const gate = Promise.withResolvers<void>();
  const sink = createFakeSink({ answer: hanging(gate.promise, refusal), ...spare });
  const publisher = createLanesPublisher(sink, ignore, quick);
  const ill = [publisher.publish([sampleEvent('ill-1', 'ill'), sampleEvent('good-0', 'good')], feed, signal)];
  await expect.poll(() => sink.confirmed).toContain('good-0');
  ill.push(publisher.publish([sampleEvent('ill-2', 'ill')], feed, signal));
  await expect.poll(() => sink.calls.filter(isForIll)).toHaveLength(2);

  for (const id of ['good-1', 'good-2', 'good-3']) await publisher.publish([sampleEvent(id, 'good')], feed, signal);
  gate.resolve();
  await Promise.all(ill);
  expect(sink.breaches).toEqual([]);
});

it('a destination shares calls with others again once it has taken everything', async () => {
  const gate = Promise.withResolvers<void>();
  const sink = createFakeSink({ answer: hanging(gate.promise, failed()), ...spare });
  const publisher = createLanesPublisher(sink, ignore, quick);
  gate.resolve();
  await publisher.publish([sampleEvent('1', 'ill')], feed, signal);
  await publisher.publish([sampleEvent('2', 'ill'), sampleEvent('3', 'good')], feed, signal);
  expect(sink.calls.at(-1)?.ids).toEqual(['2', '3']);
});

it('remembers a thousand destinations in trouble at most, the newest', () => {
  const trouble = createTrouble();
  const sink = createFakeSink({ destination: (lane) => lane });
  const lanes = Array.from({ length: 1_500 }, (_, n) => `lane-${n}`);
  for (const lane of lanes) trouble.note([{ routed: sink.route(sampleEvent('1', lane), feed) }], [failed()]);
  expect(lanes.filter(trouble.has)).toEqual(lanes.slice(500));
});
