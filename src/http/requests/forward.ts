import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { HttpRequest, HttpResponse } from '../../core/http.ts';
import type { RequestTaker } from '../../core/request-desk.ts';
import { type RequestMarks, type Requests, requestParameter } from '../../core/requests.ts';
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
    return await send(request, marksOf(id, taker), correlationOf(headers, id), taker, forwarding);
  } catch (thrown) {
    return failed(toBridgeError(thrown), 'no');
  } finally {
    budget.giveBack(held);
    budget.leave();
  }
}

function marksOf(id: string, { callback }: RequestTaker): RequestMarks {
  return { id, callback: callback === undefined ? undefined : `${callback}?${requestParameter}=${id}` };
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
    await store.add({ id: marks.id, feed, source, ...correlation, ...times });
  }
  const headers = tied ? { [correlationHeader]: correlation.correlationId } : {};
  let sent: Sent = 'no';
  let response: HttpResponse;
  try {
    const onSent = () => {
      sent = 'unknown';
    };
    response = await taker.client.send({ ...(prepared ?? request), onSent }, signal);
  } catch (thrown) {
    const error = toBridgeError(thrown);
    // What may have arrived may be answered yet, by an event.
    if (tied && sent === 'no') await note(() => store.answered(marks.id, { state: 'failed', at: new Date(now()) }));
    const fromClient = error.code === 'UPSTREAM_REFUSED' ? 400 : undefined;
    return failed(error, sent, headers, fromClient);
  }
  if (tied) {
    const isAccepted = response.status >= 200 && response.status < 300;
    const upstreamId = isAccepted ? taker.protocol.upstreamId(response) : undefined;
    const state = isAccepted ? 'accepted' : 'failed';
    await note(() => store.answered(marks.id, { state, upstreamId, at: new Date(now()) }));
    taker.wake();
  }
  return {
    status: response.status,
    headers: { ...answeredHeaders(response.headers), [sentHeader]: 'yes', ...headers },
    body: response.body,
  };
}

/** The upstream has it: a state that cannot be written must not make the caller send it again. It is stored as sent. */
async function note(write: () => Promise<void>): Promise<void> {
  await write().catch(() => {});
}
