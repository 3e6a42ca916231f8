import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';
import type { RequestTaker } from '../../core/request-desk.ts';
import { type RequestAnswer, type RequestMarks, type Requests, requestParameter } from '../../core/requests.ts';
import { excerpt } from '../../kit/excerpt.ts';
import type { Budget } from '../server/budget.ts';
import { flatHeaders } from '../server/flat-headers.ts';
import { overloaded, readBody } from '../server/read-body.ts';
import { correlationHeader, type DeskAnswer, failed, type Sent, sentHeader } from './answers.ts';
import { type Correlation, correlationOf } from './correlation.ts';
import { answeredHeaders, passedHeaders } from './passed-headers.ts';

export interface Forwarding {
  readonly store: Pick<Requests, 'add' | 'answered'>;
  readonly budget: Budget;
  readonly maxBodyBytes: number;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** Aborts when the bridge stops. */
  readonly signal: AbortSignal;
}

const methods: readonly HttpRequest['method'][] = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

function methodOf({ method = '' }: IncomingMessage): HttpRequest['method'] {
  const known = methods.find((one) => one === method);
  if (known !== undefined) return known;
  throw new BridgeError('REQUEST_METHOD_WRONG', `not sent: the method is ${excerpt(method)}`);
}

/** Sends a caller's request to the upstream of a pipeline, and gives its answer. Never rejects. */
export async function forward(
  message: IncomingMessage,
  path: string,
  taker: RequestTaker,
  forwarding: Forwarding,
): Promise<DeskAnswer> {
  const { budget, maxBodyBytes } = forwarding;
  if (!budget.enter()) return failed(overloaded(), 'no');
  let held = 0;
  try {
    const method = methodOf(message);
    const headers = flatHeaders(message.headers);
    const read = await readBody(message, maxBodyBytes, budget);
    held = read.held;
    const request: HttpRequest = {
      method,
      path,
      headers: passedHeaders(headers),
      ...(read.body.length > 0 && { body: read.body }),
    };
    const id = randomBytes(16).toString('hex');
    return await send(request, marksOf(id, taker, forwarding.now()), correlationOf(headers, id), taker, forwarding);
  } catch (thrown) {
    return refused(toBridgeError(thrown));
  } finally {
    budget.giveBack(held);
    budget.leave();
  }
}

/** Before anything was sent. */
function refused(error: BridgeError): DeskAnswer {
  const { retryAfterMs } = error;
  const headers = retryAfterMs === undefined ? {} : { 'retry-after': `${Math.ceil(retryAfterMs / 1_000)}` };
  return failed(error, 'no', headers);
}

function marksOf(id: string, { callback }: RequestTaker, now: number): RequestMarks {
  const own = callback === undefined ? undefined : `${callback}?${requestParameter}=${id}`;
  return { id, callback: own, now: new Date(now) };
}

/** The same request, made anew; undefined: that would change nothing. */
function another(
  request: HttpRequest,
  marks: RequestMarks,
  prepared: HttpRequest,
  { protocol }: RequestTaker,
  now: number,
): HttpRequest | undefined {
  const again = protocol.prepare(request, { ...marks, now: new Date(now), refusedAt: marks.now });
  const bytes = ({ body }: HttpRequest) => Buffer.from(body ?? []);
  return again === undefined || bytes(again).equals(bytes(prepared)) ? undefined : again;
}

/** Rejects where nothing was sent, and nothing stored. */
async function send(
  request: HttpRequest,
  marks: RequestMarks,
  correlation: Correlation,
  taker: RequestTaker,
  { store, now, signal }: Forwarding,
): Promise<DeskAnswer> {
  const prepared = taker.protocol.prepare(request, marks);
  const tied = prepared !== undefined;
  if (tied) {
    const { feed, source, stalledMs } = taker;
    const at = now();
    const times = { at: new Date(at), stallsAt: new Date(at + stalledMs) };
    // Its events may come before its answer.
    const publishes = taker.protocol.record !== undefined;
    await store.add({ id: marks.id, feed, source, publishes, ...correlation, ...times });
  }
  const headers = tied ? { [correlationHeader]: correlation.correlationId } : {};
  let sent: Sent = 'no';
  let response: HttpResponse;
  try {
    const onSent = () => {
      sent = 'unknown';
    };
    response = await taker.client.send({ ...(prepared ?? request), onSent }, signal);
    if (tied && taker.protocol.isUntimely?.(response) === true) {
      const again = another(request, marks, prepared, taker, now());
      // Refused, so nothing came of the first one.
      sent = 'no';
      if (again !== undefined) response = await taker.client.send({ ...again, onSent }, signal);
    }
  } catch (thrown) {
    const error = toBridgeError(thrown);
    // What may have arrived may be answered yet, by an event.
    if (tied && sent === 'no') await note(() => store.answered(marks.id, { state: 'failed', at: new Date(now()) }));
    const fromClient = error.code === 'UPSTREAM_REFUSED' ? 400 : undefined;
    return failed(error, sent, headers, fromClient);
  }
  if (tied) {
    await note(() => store.answered(marks.id, { ...readAnswer(response, taker), at: new Date(now()) }));
    taker.wake();
  }
  return {
    status: response.status,
    headers: { ...answeredHeaders(response.headers), [sentHeader]: 'yes', ...headers },
    body: response.body,
  };
}

function readAnswer(response: HttpResponse, { protocol }: RequestTaker): Omit<RequestAnswer, 'at'> {
  if (response.status < 200 || response.status >= 300) return { state: 'failed' };
  const state = protocol.judge ? protocol.judge(response) : 'accepted';
  const upstreamId = state === 'failed' ? undefined : protocol.upstreamId(response);
  return { state, upstreamId, record: protocol.record?.(response) };
}

/** The upstream has it: a state that cannot be written must not make the caller send it again. It is stored as sent. */
async function note(write: () => Promise<void>): Promise<void> {
  await write().catch(() => {});
}
