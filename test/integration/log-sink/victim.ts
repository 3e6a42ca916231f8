import { writeSync } from 'node:fs';
import { createEnvelope } from '../../../src/core/envelope.ts';
import type { Routed } from '../../../src/core/sink.ts';
import { logBroker, logDestination } from '../../../src/sinks/log/config.ts';
import { openLogSink } from '../../../src/sinks/log/log-sink.ts';

/*
 * Appends to the log in the folder argv[2] until it is killed, numbers rising from argv[3] on. Prints one line for each
 * confirmed event: topic, offset, number.
 */
const [dir = '', start = '0'] = process.argv.slice(2);
const settings = { type: 'log', dir, segmentBytes: '64KiB' };
const context = { pipeline: 'p', brokerName: 'log', baseDir: dir };
const sink = openLogSink(logBroker.parse(settings), logDestination.parse({ broker: 'log' }), context);
const signal = new AbortController().signal;

function event(number: number): Routed {
  const attributes = { specversion: '1.0', id: String(number), source: '/s', type: 't', partitionkey: 'k' } as const;
  const data = Buffer.from(JSON.stringify('x'.repeat((number * 37) % 3_000)));
  const envelope = createEnvelope(
    { ...attributes, datacontenttype: 'application/json' },
    { kind: 'json', bytes: data },
  );
  return sink.route(envelope, number % 3 === 0 ? 'p/a' : 'p/b');
}

for (let number = Number(start); ; ) {
  const items = Array.from({ length: 1 + (number % 20) }, (_, index) => event(number + index));
  const deliveries = await sink.publish(items, signal);
  const confirmed = deliveries.map((delivery, index) => {
    if (delivery.status !== 'confirmed') throw delivery.error;
    return `${delivery.receipt['topic']} ${delivery.receipt['offset']} ${number + index}\n`;
  });
  writeSync(1, confirmed.join(''));
  number += items.length;
}
