import { expect, test } from 'vitest';
import { checkQueue } from '../../../src/sinks/rabbitmq/check-queue.ts';
import type { QueueFacts } from '../../../src/sinks/rabbitmq/management-facts.ts';

const good: QueueFacts = { name: 'q', type: 'quorum', durable: true, fleeting: false, machines: 3, settings: {} };

function codes(facts: Partial<QueueFacts>): string[] {
  return [...checkQueue({ ...good, ...facts })].map(({ code }) => code);
}

test.each<[string, Partial<QueueFacts>]>([
  ['a quorum queue on three machines', {}],
  ['a mirrored classic queue', { type: 'classic', machines: undefined }],
  ['a limit that makes publishers wait', { settings: { 'max-length': 5, overflow: 'reject-publish' } }],
  ['a limit that gives the oldest to another exchange', { settings: { 'max-length': 5, 'dead-letter-exchange': 'x' } }],
  ['an age that gives events to another exchange', { settings: { 'message-ttl': 5, 'dead-letter-exchange': 'x' } }],
  ['what a stream keeps', { type: 'stream', settings: { 'max-length-bytes': 5 } }],
])('%s is good', (_, facts) => {
  expect(codes(facts)).toEqual([]);
});

test.each<[string, string, Partial<QueueFacts>]>([
  ['a queue that a restart takes', 'DESTINATION_UNSAFE', { durable: false }],
  ['a queue that goes with its consumers', 'DESTINATION_UNSAFE', { fleeting: true }],
  ['a queue that goes when unused', 'DESTINATION_UNSAFE', { settings: { expires: 5 } }],
  ['a limit that drops the oldest', 'DESTINATION_UNSAFE', { settings: { 'max-length-bytes': 5 } }],
  ['an age that drops', 'DESTINATION_UNSAFE', { settings: { 'message-ttl': 5 } }],
  ['a number of returns that drops', 'DESTINATION_UNSAFE', { settings: { 'delivery-limit': 5 } }],
  ['one machine', 'DESTINATION_NOT_REPLICATED', { machines: 1 }],
  ['two machines', 'DESTINATION_FRAGILE', { machines: 2 }],
])('%s is warned of: %s', (_, code, facts) => {
  expect(codes(facts)).toEqual([code]);
});
