import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { Delivery, Routed } from '../../core/sink.ts';
import type { Claims } from './claim-check.ts';
import { type Answer, type Queue, type SqsClient, unanswered } from './client.ts';
import { encode, type Message, maxBytes } from './encode.ts';
import { orderIn } from './order.ts';
import type { Queues } from './queues.ts';

/** An item that SQS may take. `at`: its position in the call. */
interface Sendable {
  readonly at: number;
  readonly message: Message;
}

/** What is left of a lane, in order. */
type Line = Sendable[];

const maxMessages = 10;

const heldBack = new BridgeError('NOT_SENT', 'an earlier event of its message group is still open');
const noTime = new BridgeError('NOT_SENT', 'earlier events of its message group took all of the time', {
  hint: 'SQS answers slowly. Look at the distance to its region, or raise confirmTimeout.',
});

/** In order, as few requests as they fit in. */
function pack(sendables: readonly Sendable[]): readonly (readonly Sendable[])[] {
  const requests: Sendable[][] = [];
  let bytes = maxBytes;
  for (const sendable of sendables) {
    const { size } = sendable.message;
    const last = requests.at(-1);
    if (last && last.length < maxMessages && bytes + size <= maxBytes) {
      last.push(sendable);
      bytes += size;
    } else {
      requests.push([sendable]);
      bytes = size;
    }
  }
  return requests;
}

export interface Call {
  /** Carries the deadline too. */
  readonly signal: AbortSignal;
  /** Whether there is time for one more request and its answer. */
  hasTime(): boolean;
  /** Absent: what is too large is refused. */
  readonly claims?: Claims | undefined;
}

/**
 * One call to `publish` of the sink: see there for what it promises. SQS may refuse one message of a request and take
 * those after it, so that a request carries no two of a lane, and of each lane one at a time is on its way.
 */
export async function publish(
  client: SqsClient,
  queues: Queues,
  items: readonly Routed[],
  { signal, hasTime, claims }: Call,
): Promise<readonly Delivery[]> {
  const deliveries: Delivery[] = new Array(items.length);

  function fail(sendables: readonly Sendable[], error: BridgeError) {
    for (const { at } of sendables) deliveries[at] = { status: 'failed', error };
  }

  /** What is too large is put aside first, and is then as safe as the message that tells of it. */
  async function messageOf({ envelope, address }: Routed): Promise<Message> {
    const order = orderIn(address);
    if (claims === undefined) return encode(envelope, order);
    try {
      return encode(envelope, order, undefined, claims.above);
    } catch (thrown) {
      if (toBridgeError(thrown).code !== 'EVENT_TOO_LARGE') throw thrown;
    }
    return encode(envelope, order, await claims.put(envelope, signal));
  }

  async function encoded(positions: readonly number[]): Promise<Map<string, Line>> {
    const lines = new Map<string, Line>();
    const closed = new Set<string>();
    for (const at of positions) {
      const item = items[at];
      if (!item) continue;
      if (closed.has(item.lane)) {
        deliveries[at] = { status: 'failed', error: heldBack };
        continue;
      }
      try {
        const message = await messageOf(item);
        const line = lines.get(item.lane);
        if (line) line.push({ at, message });
        else lines.set(item.lane, [{ at, message }]);
      } catch (thrown) {
        const error = toBridgeError(thrown);
        deliveries[at] = { status: 'failed', error };
        // Nothing of its lane may be confirmed before it is.
        if (error.disposition !== 'poison') closed.add(item.lane);
      }
    }
    return lines;
  }

  async function publishTo(name: string, positions: readonly number[]): Promise<void> {
    let lines: readonly Line[] = [...(await encoded(positions)).values()];
    const url = signal.aborted ? toBridgeError(signal.reason) : await queues.url(name, signal);
    if (typeof url !== 'string') return fail(lines.flat(), url);
    while (lines.length > 0) {
      if (signal.aborted) return fail(lines.flat(), toBridgeError(signal.reason));
      if (!hasTime()) return fail(lines.flat(), noTime);
      const heads = lines.flatMap(([head]) => head ?? []);
      await Promise.all(pack(heads).map((request) => send({ name, url }, request)));
      lines = lines.filter(goesOn);
    }
  }

  /** Whether more of the line can be sent now that its first is answered. What cannot is held back. */
  function goesOn(line: Line): boolean {
    const head = line.shift();
    const delivery = head && deliveries[head.at];
    const closed = delivery?.status === 'confirmed' || delivery?.error.disposition === 'poison';
    if (!closed) fail(line, heldBack);
    return closed && line.length > 0;
  }

  async function send(queue: Queue, request: readonly Sendable[]): Promise<void> {
    if (signal.aborted) return fail(request, toBridgeError(signal.reason));
    const messages = request.map(({ message }) => message);
    const answers = await client.send(queue, messages, signal);
    if ('each' in answers) {
      for (const [index, { at }] of request.entries()) deliver(queue, at, answers.each[index] ?? unanswered);
      return;
    }
    const { whole } = answers;
    // Poison can be the fault of one message among many, or of their sum: it is believed only of one alone.
    if (whole.status === 'refused' && whole.error.disposition === 'poison' && request.length > 1) {
      const middle = Math.ceil(request.length / 2);
      await Promise.all([request.slice(0, middle), request.slice(middle)].map((half) => send(queue, half)));
      return;
    }
    for (const { at } of request) deliver(queue, at, whole);
  }

  function deliver(queue: Queue, at: number, answer: Answer) {
    if (answer.status === 'stored') deliveries[at] = { status: 'confirmed', receipt: answer.receipt };
    else
      deliveries[at] = { status: answer.status === 'refused' ? 'failed' : 'unknown', error: named(at, answer.error) };
    if (answer.status !== 'stored' && answer.error.code === 'DESTINATION_MISSING') queues.forget(queue.name);
  }

  /** Says of a refused event which it is: it will be looked at by itself. */
  function named(at: number, error: BridgeError): BridgeError {
    if (error.disposition !== 'poison') return error;
    const id = items[at]?.envelope.attributes.id ?? '';
    const { code, message, hint, cause } = error;
    return new BridgeError(code, `event ${id}: ${message}`, { cause, ...(hint !== undefined && { hint }) });
  }

  const byQueue = Map.groupBy(items.keys(), (at) => items[at]?.destination ?? '');
  await Promise.all([...byQueue].map(([name, positions]) => publishTo(name, positions)));
  return deliveries;
}
