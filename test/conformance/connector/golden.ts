import { expect } from 'vitest';
import { deadLetterEnvelope, deadLetterId } from '../../../src/core/dead-letter.ts';
import { encodeStructured } from '../../../src/core/envelope.ts';
import { type ConnectorDefinition, type ConnectorPromises, firstFeed, type GoldenRecord } from './definition.ts';

function keepEvent(definition: ConnectorDefinition, { record, context, envelope }: GoldenRecord): void {
  const [outcome, ...others] = firstFeed(definition).normalise(record, context);
  expect(others).toEqual([]);
  if (outcome?.kind !== 'event') throw new Error(`it became ${outcome?.kind}`);
  expect(JSON.parse(encodeStructured(outcome.envelope).toString())).toEqual(envelope);
}

function keepDeadLetter(definition: ConnectorDefinition, { record, context, envelope }: GoldenRecord): void {
  const feed = firstFeed(definition);
  const [outcome] = feed.normalise(record, context);
  if (outcome?.kind !== 'poison') throw new Error(`it became ${outcome?.kind}`);
  const batchId = context.batchId ?? '';
  const letter = deadLetterEnvelope({
    id: deadLetterId(feed.source, batchId, context.index, record.bytes),
    feed: `${definition.connector.name}/${feed.name}`,
    status: 'open',
    source: feed.source,
    code: outcome.error.code,
    reason: outcome.error.message,
    stage: 'normalise',
    attempts: 1,
    batchId,
    index: context.index,
    record,
    envelope: null,
    firstAt: record.receivedAt,
    lastAt: record.receivedAt,
  });
  expect(JSON.parse(encodeStructured(letter).toString())).toEqual(envelope);
}

/** Envelopes compare as JSON values. */
export function goldenPromises(definition: ConnectorDefinition): ConnectorPromises {
  const { goldenEvents, goldenDeadLetters } = definition;
  return Object.fromEntries([
    ...goldenEvents.map((golden) => [`makes the golden envelope: ${golden.name}`, () => keepEvent(definition, golden)]),
    ...goldenDeadLetters.map((golden) => [
      `makes the golden dead letter: ${golden.name}`,
      () => keepDeadLetter(definition, golden),
    ]),
  ]);
}
