import { z } from 'zod';
import type { Envelope } from '../../src/core/envelope.ts';
import { BridgeError } from '../../src/core/errors.ts';
import type { Endpoint, HttpRequest, HttpResponse } from '../../src/core/http.ts';
import type { RawRecord } from '../../src/core/record.ts';
import type { JobAnswer, Jobs, RequestMarks } from '../../src/core/requests.ts';
import { stalledAfter } from '../../src/kit/job-settings.ts';
import { follow } from '../../src/kit/json-pointer.ts';
import { parseMediaType } from '../../src/kit/media-type.ts';
import { formType } from '../../src/kit/webhook-content.ts';
import { formFields } from '../../src/kit/webhook-form.ts';
import { readXml } from '../../src/kit/xml/read.ts';
import { childrenOf, type XmlElement } from '../../src/kit/xml/tree.ts';
import type { Account } from './auth.ts';
import { fieldOf, notificationBytes } from './notifications.ts';
import { commandRequest, element, xmlPath } from './wire.ts';

/** Commands to WAPI through the bridge, which puts in who asks, and the clTRID. */
export const wapiRequestSettings = z.strictObject({
  stalledAfter: stalledAfter.describe('A command is said to be stalled when its notification is not there by then.'),
  publishAnswer: z
    .boolean()
    .default(false)
    .describe('Publish what WAPI answers at once too, as an event: no notification comes of it.'),
});

function unfit(why: string): BridgeError {
  return new BridgeError('REQUEST_UNFIT', `not sent: ${why}`);
}

/** The XML of a command, by itself or in the field `request` of a form. */
function documentOf({ headers = {}, body = new Uint8Array() }: HttpRequest): Uint8Array {
  const sent = parseMediaType(headers['content-type'] ?? '')?.essence ?? '';
  if (sent === 'application/xml' || sent === 'text/xml') return body;
  if (sent !== formType) throw unfit('the body is neither XML nor a form, so nothing can be put into it');
  const [document, another] = formFields(body, 'request');
  if (document === undefined || another !== undefined) throw unfit('the form has not one field `request`');
  return document;
}

/** As WAPI documents them, in two ways. */
const queueCommands: readonly string[] = ['notify-poll-req', 'notify-poll-ack', 'poll-req', 'poll-ack'];

function commandOf(request: HttpRequest, ofQueue: readonly string[]): XmlElement {
  const reading = readXml(documentOf(request));
  if (reading.kind !== 'xml') throw unfit(`the command is no XML that is taken: ${reading.problem}`);
  const { root } = reading;
  if (root.name !== 'request') throw unfit('the command is no <request>');
  if (childrenOf(root, 'command').length !== 1) throw unfit('the <request> has not one <command>');
  // Marked by somebody else, a notification that is not safe yet would be lost.
  if (ofQueue.includes(fieldOf(root, 'command')?.toLowerCase() ?? '')) {
    throw unfit('the bridge alone asks the queue of notifications, and marks them');
  }
  // Whoever wrote it would wait for a notification that bears it.
  if (fieldOf(root, 'clTRID') !== undefined) {
    throw unfit(
      'the bridge knows the notification by a clTRID of its own: leave it out, and say your own reference in a header',
    );
  }
  return root;
}

const put = new Set(['user', 'auth', 'clTRID']);

function isOfCaller(node: XmlElement | string): boolean {
  return typeof node === 'string' || !put.has(node.name);
}

/** The root of an answer of WAPI; undefined: it is none. */
function answerOf({ body }: HttpResponse): XmlElement | undefined {
  const reading = readXml(body);
  return reading.kind === 'xml' && reading.root.name === 'response' ? reading.root : undefined;
}

function codeOf(response: HttpResponse): string | undefined {
  const answer = answerOf(response);
  return answer && fieldOf(answer, 'code');
}

const pending = '1001';

function judge(response: HttpResponse): JobAnswer | undefined {
  const code = codeOf(response);
  if (code === undefined) return undefined;
  if (code === pending) return 'accepted';
  return /^1\d{3}$/.test(code) ? 'settled' : 'failed';
}

/** Answers that are published too: those that no notification follows. */
function finalAnswer(response: HttpResponse): Uint8Array | undefined {
  const answer = answerOf(response);
  if (answer === undefined || [undefined, pending].includes(fieldOf(answer, 'code'))) return undefined;
  return notificationBytes(answer);
}

/** Out of the record: once the event has the caller's correlation id, the clTRID stands nowhere else. */
function commandIdOf({ data }: Envelope): string | undefined {
  const value: unknown = JSON.parse(Buffer.from(data.bytes).toString());
  const named = follow(value, ['notify', 'clTRID']) ?? follow(value, ['response', 'clTRID']);
  const id = typeof named === 'string' ? named.trim() : '';
  return /^[0-9a-f]{32}$/.test(id) ? id : undefined;
}

export interface WapiRequests extends z.output<typeof wapiRequestSettings> {
  readonly account: Account;
  /** Names of the commands by which its queue is polled here. */
  readonly polling: readonly string[];
  readonly endpoint: Endpoint;
}

function recordOf(response: HttpResponse): RawRecord | undefined {
  const bytes = finalAnswer(response);
  return bytes && { bytes, mediaType: 'application/xml', headers: {}, receivedAt: response.receivedAt };
}

/** A notification names its command by the clTRID; the first one that is not pending is the last that is waited for. */
export function wapiJobs({ account, endpoint, polling, stalledAfter: stalledMs, publishAnswer }: WapiRequests): Jobs {
  const ofQueue = [...queueCommands, ...polling];
  return {
    tie: (envelope) => ({ requestId: commandIdOf(envelope), upstreamId: envelope.attributes.svtrid }),
    isTerminal: ({ attributes }) => attributes.outcome !== 'pending',
    stalledMs,
    watchesAll: false,
    requests: {
      endpoint,
      callsBack: false,
      prepare(request: HttpRequest, { id, now, refusedAt }: RequestMarks) {
        if (request.method !== 'POST' || request.path !== xmlPath)
          throw unfit(`WAPI takes commands as POST ${xmlPath}`);
        const root = commandOf(request, ofQueue);
        const others = [...root.children.filter(isOfCaller), element('clTRID', id)];
        return commandRequest(account, { now, refusedAt }, others);
      },
      isUntimely: (response) => codeOf(response) === '2050',
      judge,
      upstreamId(response) {
        const answer = answerOf(response);
        return answer && fieldOf(answer, 'svTRID');
      },
      ...(publishAnswer && { record: recordOf }),
    },
  };
}
