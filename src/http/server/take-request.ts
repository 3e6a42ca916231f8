import type { IncomingMessage } from 'node:http';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import { type Headers, type RawRecord, receivedMark, traceMark } from '../../core/record.ts';
import type { ReceivedRequest } from '../../core/webhook.ts';
import { excerpt } from '../../kit/excerpt.ts';
import { takesType } from '../../kit/media-type.ts';
import { type Answer, errorAnswer, failureAnswer, successAnswer } from './answers.ts';
import type { Budget } from './budget.ts';
import { clientCertificateOf } from './client-certificate.ts';
import { flatHeaders } from './flat-headers.ts';
import type { OpenHook } from './open-hook.ts';
import { overloaded, readBody } from './read-body.ts';
import { traceparentOf } from './request-marks.ts';
import type { SenderAddress } from './sender-address.ts';

/** What the listener shares among all requests. */
export interface Taking {
  readonly budget: Budget;
  readonly senderAddress: SenderAddress;
  /** A request that is not taken in. */
  refused(
    hook: OpenHook,
    refusal: { readonly status: number; readonly error: BridgeError; readonly from: string },
  ): void;
}

/** Its part before the parameters, in lower case. */
function mediaTypeOf(contentType: string | undefined): string {
  const [essence = ''] = (contentType ?? '').split(';', 1);
  return essence.trim().toLowerCase();
}

function judgeType({ arrival }: OpenHook, headers: Headers): void {
  const mediaType = mediaTypeOf(headers['content-type']);
  if (takesType(arrival.mediaTypes, mediaType)) return;
  const what = mediaType === '' ? 'no media type is given' : `the media type is ${excerpt(mediaType)}`;
  throw new BridgeError('REQUEST_TYPE_UNKNOWN', what);
}

function judgeRate({ rateLimit, arrival: { rate } }: OpenHook): void {
  const waitMs = rateLimit?.take(performance.now()) ?? 0;
  if (waitMs === 0) return;
  const most = `more than ${rate?.perSecond} requests a second, and ${rate?.burst} at once`;
  throw new BridgeError('REQUEST_TOO_OFTEN', most, { retryAfterMs: waitMs });
}

/** When it came, and where its trace comes from, go with each record, also through the spool, and never into an event. */
function marked(records: readonly RawRecord[], { headers, receivedAt }: ReceivedRequest): readonly RawRecord[] {
  const traceparent = traceparentOf(headers);
  const marks = {
    [receivedMark]: receivedAt.toISOString(),
    ...(traceparent !== undefined && { [traceMark]: traceparent }),
  };
  return records.map((record) => ({ ...record, headers: { ...record.headers, ...marks } }));
}

/**
 * The life of a request, from its headers to its answer: limits, body, verification, records, and their fate. Nothing is
 * parsed before it is verified. Never rejects.
 */
export async function takeRequest(message: IncomingMessage, hook: OpenHook, taking: Taking): Promise<Answer> {
  const receivedAt = new Date();
  const { budget } = taking;
  const headers = flatHeaders(message.headers);
  const from = taking.senderAddress(message.socket.remoteAddress ?? '', headers);
  const refuse = (error: BridgeError, answer: Answer = errorAnswer(error)): Answer => {
    taking.refused(hook, { status: answer.status, error, from });
    return answer;
  };
  const { method = '' } = message;
  let held = 0;
  let entered = false;
  try {
    const challenged = hook.challenges.answer({ method, target: message.url ?? '', headers });
    if (challenged !== undefined) return challenged;
    if (method !== 'POST') {
      const error = new BridgeError('REQUEST_METHOD_WRONG', `the method is ${excerpt(method)}`);
      return refuse(error, failureAnswer(405, { allow: 'POST' }));
    }
    judgeType(hook, headers);
    judgeRate(hook);
    if (!budget.hasRoom) return refuse(overloaded());
    const read = await readBody(message, hook.arrival.maxBodyBytes, budget);
    held = read.held;
    const clientCertificate = clientCertificateOf(message.socket);
    const received: ReceivedRequest = {
      method,
      target: message.url ?? '',
      headers,
      body: read.body,
      remoteAddress: from,
      ...(clientCertificate && { clientCertificate }),
      receivedAt,
    };
    // Only now: slow bodies, of which connections and bytes are bounded, keep nobody else out.
    if (!budget.enter()) return refuse(overloaded());
    entered = true;
    return await publish(received, hook, refuse);
  } catch (thrown) {
    return refuse(toBridgeError(thrown));
  } finally {
    budget.giveBack(held);
    if (entered) budget.leave();
  }
}

async function publish(
  received: ReceivedRequest,
  { arrival, verifier, challenges, intake }: OpenHook,
  refuse: (error: BridgeError, answer?: Answer) => Answer,
): Promise<Answer> {
  const verdict = verifier.verify(received);
  const success = successAnswer(arrival.answer.status);
  if (verdict.kind === 'replayed') return success;
  if (verdict.kind === 'refused') {
    const { status, authenticate, error } = verdict.refusal;
    return refuse(error, failureAnswer(status, authenticate === undefined ? {} : { 'www-authenticate': authenticate }));
  }
  const challenged = challenges.answerVerified(verdict.request);
  if (challenged !== undefined) return challenged;
  const records = arrival.records(verdict.request);
  if (records.length > 0) {
    const deadline = received.receivedAt.getTime() + arrival.answer.withinMs;
    const accepted = await intake.accept(marked(records, received), deadline);
    if (accepted.status === 'unsafe') return refuse(accepted.error);
  }
  verifier.settled(verdict.request);
  return success;
}
