import { describe, expect, test } from 'vitest';
import { closedPort } from '../support/closed-port.ts';
import { startFauxqs } from '../support/sqs/fauxqs.ts';
import { type Interference, refusal, standBefore } from '../support/sqs/interfering.ts';
import { createQueue, drainQueue } from '../support/sqs/protocol.ts';
import { event, openSink, publish, summary } from '../support/sqs/sink-calls.ts';

const ids = (messages: readonly { readonly body: string }[]) => messages.map(({ body }) => JSON.parse(body).id);

/** A queue behind something that interferes with sending. */
async function openBehind(queue: string, interfere: (earlier: number) => Interference | undefined) {
  const server = await startFauxqs();
  const url = await createQueue(server.endpoint, queue);
  const front = await standBefore(server.endpoint, ({ operation, earlier }) =>
    operation === 'SendMessageBatch' ? interfere(earlier) : undefined,
  );
  const sink = await openSink(front.endpoint, queue);
  return {
    sink,
    front,
    stored: () => drainQueue(server.endpoint, url),
    async [Symbol.asyncDispose]() {
      await sink[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const always = (interference: Interference) => () => interference;
const once = (interference: Interference) => (earlier: number) => (earlier === 0 ? interference : undefined);

describe('a message', () => {
  test('has the structured event as its body and the main attributes beside it, with a receipt', async () => {
    await using behind = await openBehind('shown.fifo', () => undefined);
    const attributes = {
      subject: 'S-1',
      outcome: 'ok',
      correlationid: 'c',
      causationid: 'k',
      time: '2026-01-01T00:00:00Z',
    };
    const [delivery] = await publish(behind.sink, [
      event({ id: 'one', key: 'clé', attributes: { ...attributes, tenantid: 't' } }),
    ]);
    const [message] = await behind.stored();
    expect(message?.body).toMatch(/^\{"specversion":"1.0","id":"one".*,"data":\{"n":1\}\}$/);
    expect(message?.attributes).toEqual({
      'content-type': 'application/cloudevents+json; charset=UTF-8',
      ce_id: 'one',
      ce_source: '/test',
      ce_type: 'com.example.tested',
      ce_partitionkey: 'clé',
      ce_subject: 'S-1',
      ce_outcome: 'ok',
      ce_correlationid: 'c',
      ce_causationid: 'k',
      ce_time: '2026-01-01T00:00:00Z',
    });
    expect(message?.group).toMatch(/^[0-9a-f]{64}$/);
    expect(delivery).toMatchObject({
      status: 'confirmed',
      receipt: { queue: 'shown.fifo', messageId: message?.messageId, sequenceNumber: expect.any(String) },
    });
  });

  test('goes to a queue that is named by its URL without a question', async () => {
    await using server = await startFauxqs();
    const url = await createQueue(server.endpoint, 'by-url');
    await using front = await standBefore(server.endpoint, () => undefined);
    await using sink = await openSink(front.endpoint, url);
    expect(summary(await publish(sink, [event()]))).toEqual(['confirmed']);
    expect(front.requests.map(({ operation }) => operation)).toEqual(['SendMessageBatch']);
  });

  test('costs one question for the address of its queue, however many there are', async () => {
    await using behind = await openBehind('asked', () => undefined);
    await Promise.all(Array.from({ length: 20 }, () => publish(behind.sink, [event()])));
    await publish(behind.sink, [event()]);
    expect(behind.front.requests.filter(({ operation }) => operation === 'GetQueueUrl')).toHaveLength(1);
  });
});

describe('a request that is refused in part', () => {
  test('confirms what was taken and sets aside what is the sender’s fault', async () => {
    await using server = await startFauxqs();
    const url = await createQueue(server.endpoint, 'small', { MaximumMessageSize: '2048' });
    await using sink = await openSink(server.endpoint, 'small');
    const large = event({ data: JSON.stringify('x'.repeat(4_000)) });
    const deliveries = await publish(sink, [event(), large, event()]);
    expect(summary(deliveries)).toEqual(['confirmed', 'failed EVENT_REFUSED', 'confirmed']);
    expect(deliveries[1]).toMatchObject({ error: { message: expect.stringContaining(large.attributes.id) } });
    expect(await drainQueue(server.endpoint, url)).toHaveLength(2);
  });

  test.each([
    ['InternalError', false, 'failed BROKER_UNAVAILABLE'],
    ['KMS.DisabledException', true, 'failed DESTINATION_UNWRITABLE'],
    ['AccessDenied', true, 'failed BROKER_NOT_AUTHORISED'],
    ['SomethingNew', true, 'failed EVENT_REFUSED'],
    ['SomethingNew', false, 'failed BROKER_UNAVAILABLE'],
  ])('%s with SenderFault %s is %s', async (Code, SenderFault, expected) => {
    const body = { Failed: [{ Id: '0', Code, SenderFault, Message: 'in words' }], Successful: [] };
    await using behind = await openBehind('entries', always({ kind: 'answer', status: 200, body }));
    expect(summary(await publish(behind.sink, [event()]))).toEqual([expected]);
  });

  test('sends nothing of a group behind a message that is open, and everything of the others', async () => {
    const failing = {
      kind: 'answer',
      status: 200,
      body: { Failed: [{ Id: '0', Code: 'InternalError', SenderFault: false }] },
    } as const;
    await using behind = await openBehind('grouped.fifo', (earlier) => (earlier === 1 ? failing : undefined));
    const items = ['a1', 'a2', 'a3'].map((id) => event({ id, key: 'a' }));
    expect(summary(await publish(behind.sink, [...items, event({ id: 'b1', key: 'b' })]))).toEqual([
      'confirmed',
      'failed BROKER_UNAVAILABLE',
      'failed NOT_SENT',
      'confirmed',
    ]);
    expect(summary(await publish(behind.sink, items.slice(1)))).toEqual(['confirmed', 'confirmed']);
    expect(ids((await behind.stored()).filter(({ group }) => group === 'a'))).toEqual(['a1', 'a2', 'a3']);
  });

  test('goes on in a group behind a message that is poison', async () => {
    await using server = await startFauxqs();
    const url = await createQueue(server.endpoint, 'small.fifo', { MaximumMessageSize: '2048' });
    await using sink = await openSink(server.endpoint, 'small.fifo');
    const items = [event({ id: '1' }), event({ id: '2', data: JSON.stringify('x'.repeat(4_000)) }), event({ id: '3' })];
    expect(summary(await publish(sink, items))).toEqual(['confirmed', 'failed EVENT_REFUSED', 'confirmed']);
    expect(ids(await drainQueue(server.endpoint, url))).toEqual(['1', '3']);
  });
});

describe('a request that is refused as a whole', () => {
  test.each([
    [503, 'ServiceUnavailable', 'failed BROKER_UNAVAILABLE'],
    [400, 'ThrottlingException', 'failed BROKER_UNAVAILABLE'],
    [400, 'RequestThrottled', 'failed BROKER_UNAVAILABLE'],
    [429, 'Unheard', 'failed BROKER_UNAVAILABLE'],
    [500, 'InternalFailure', 'unknown BROKER_UNAVAILABLE'],
    [502, 'Unheard', 'unknown BROKER_UNAVAILABLE'],
    [400, 'QueueDoesNotExist', 'failed DESTINATION_MISSING'],
    [400, 'AWS.SimpleQueueService.NonExistentQueue', 'failed DESTINATION_MISSING'],
    [403, 'AccessDeniedException', 'failed BROKER_NOT_AUTHORISED'],
    [403, 'Unheard', 'failed BROKER_NOT_AUTHORISED'],
    [403, 'InvalidClientTokenId', 'failed BROKER_AUTH_REFUSED'],
    [400, 'UnrecognizedClientException', 'failed BROKER_AUTH_REFUSED'],
    [400, 'KmsDisabled', 'failed DESTINATION_UNWRITABLE'],
    [400, 'InvalidMessageContents', 'failed EVENT_REFUSED'],
    [400, 'BatchRequestTooLong', 'failed EVENT_TOO_LARGE'],
    [413, 'Unheard', 'failed EVENT_TOO_LARGE'],
    [400, 'Unheard', 'failed DESTINATION_UNWRITABLE'],
  ])('with %s %s is %s', async (status, name, expected) => {
    await using behind = await openBehind('refused', always(refusal(status, name)));
    expect(summary(await publish(behind.sink, [event()]))).toEqual([expected]);
    expect(behind.front.requests.filter(({ operation }) => operation === 'SendMessageBatch')).toHaveLength(1);
  });

  test('says how long SQS asks to wait', async () => {
    const busy = refusal(503, 'ServiceUnavailable', 'later', { 'retry-after': '7' });
    await using behind = await openBehind('busy', always(busy));
    expect(await publish(behind.sink, [event()])).toMatchObject([{ error: { retryAfterMs: 7_000 } }]);
  });

  test('is divided when it is too long, and all of it arrives', async () => {
    await using behind = await openBehind('divided', once(refusal(400, 'BatchRequestTooLong')));
    const items = Array.from({ length: 6 }, () => event());
    expect(summary(await publish(behind.sink, items))).toEqual(items.map(() => 'confirmed'));
    expect(await behind.stored()).toHaveLength(6);
  });

  test('by no JSON at all is told by its status', async () => {
    await using behind = await openBehind(
      'page',
      always({ kind: 'answer', status: 502, headers: { 'content-type': 'text/html' } }),
    );
    expect(summary(await publish(behind.sink, [event()]))).toEqual(['unknown BROKER_UNAVAILABLE']);
  });
});

describe('a connection', () => {
  test('that nobody takes means that nothing was sent', async () => {
    await using sink = await openSink(`http://127.0.0.1:${await closedPort()}`, 'https://sqs.example.com/1/away');
    expect(summary(await publish(sink, [event()]))).toEqual(['failed BROKER_UNREACHABLE']);
  });

  test('that is cut leaves open what became of the message; sent again, a FIFO queue has it once and in order', async () => {
    await using behind = await openBehind('cut.fifo', once({ kind: 'cut', served: true }));
    const items = ['1', '2', '3'].map((id) => event({ id: `cut-${id}` }));
    expect(summary(await publish(behind.sink, items))).toEqual([
      'unknown BROKER_UNREACHABLE',
      'failed NOT_SENT',
      'failed NOT_SENT',
    ]);
    expect(summary(await publish(behind.sink, items))).toEqual(['confirmed', 'confirmed', 'confirmed']);
    expect(ids(await behind.stored())).toEqual(['cut-1', 'cut-2', 'cut-3']);
  });
});

describe('events larger than SQS takes', () => {
  test('are set aside before anything is sent; those as large as can be arrive', async () => {
    await using behind = await openBehind('large', () => undefined);
    const sized = (bytes: number) => event({ id: 'sized', data: `"${'x'.repeat(bytes)}"` });
    const attributes = 'content-type'.length + 'application/cloudevents+json; charset=UTF-8'.length + 'String'.length;
    const shown = { id: 'sized', source: '/test', type: 'com.example.tested', partitionkey: 'key' };
    const beside = Object.entries(shown).reduce(
      (sum, [name, value]) => sum + `ce_${name}String${value}`.length,
      attributes,
    );
    const frame = JSON.stringify({
      specversion: '1.0',
      ...shown,
      datacontenttype: 'application/json',
      data: '',
    }).length;
    const most = 1_048_576 - beside - frame;
    expect(summary(await publish(behind.sink, [sized(most + 1)]))).toEqual(['failed EVENT_TOO_LARGE']);
    expect(behind.front.requests.filter(({ operation }) => operation === 'SendMessageBatch')).toHaveLength(0);
    expect(summary(await publish(behind.sink, [sized(most), event()]))).toEqual(['confirmed', 'confirmed']);
    expect(await behind.stored()).toHaveLength(2);
  });
});
