import { BridgeError } from '../../src/core/errors.ts';
import type { HttpResponse } from '../../src/core/http.ts';
import type { PolledBatch, PollProtocol } from '../../src/core/poll-protocol.ts';
import type { ResponseRule } from '../../src/core/response-policy.ts';
import { compileResponses } from '../../src/kit/response-policy.ts';
import { readXml } from '../../src/kit/xml/read.ts';
import type { XmlElement } from '../../src/kit/xml/tree.ts';
import { ackRules, nextRules } from './answers.ts';
import type { Account } from './auth.ts';
import { fieldOf, notificationBytes, notificationsIn } from './notifications.ts';
import { commandRequest, element } from './wire.ts';

export interface PollCommands {
  readonly next: string;
  readonly ack: string;
  readonly idField: string;
}

export interface WapiPolling {
  readonly account: Account;
  readonly commands: PollCommands;
  /** Before those of WAPI itself. */
  readonly responses: readonly ResponseRule[];
}

const usableId = /^[\x21-\x7e]{1,64}$/;

/** Where the notification does not name itself, what stands around it may. */
function idOf(root: XmlElement, notification: XmlElement): string | undefined {
  const around = root.children.filter((child) => typeof child !== 'string').filter(({ name }) => name === 'data');
  const id = [notification, ...around, root].map((one) => fieldOf(one, 'ID')).find((one) => one !== undefined);
  return id !== undefined && usableId.test(id) ? id : undefined;
}

/** The one ID in a body that is no XML; undefined when that leaves a doubt. */
export function salvageId(body: Uint8Array): string | undefined {
  const found = new Set(
    Buffer.from(body)
      .toString('latin1')
      .matchAll(/<ID>\s*([\x21-\x3b\x3d-\x7e]{1,64})\s*<\/ID>/g)
      .map(([, id]) => id),
  );
  const [id] = found;
  return found.size === 1 ? id : undefined;
}

/** Whether it came whole: what is damaged in it will be so the next time. */
function isWhole(body: Uint8Array): boolean {
  return /<\/(?:response|notify)>\s*$/.test(Buffer.from(body.subarray(-100)).toString('latin1'));
}

function batchOf(id: string, bytes: Uint8Array, { receivedAt }: HttpResponse): PolledBatch {
  // Whether another one waits is only told once this one is marked: it is asked at once.
  return { upstreamId: id, more: true, records: [{ bytes, mediaType: 'application/xml', headers: {}, receivedAt }] };
}

function readBatch(response: HttpResponse, what: string): PolledBatch {
  const { body } = response;
  const malformed = (problem: string): BridgeError =>
    new BridgeError('BATCH_MALFORMED', `${what}: answered ${body.length} bytes with no notification: ${problem}`);
  const reading = readXml(body);
  if (reading.kind !== 'xml') {
    const id = isWhole(body) ? salvageId(body) : undefined;
    if (id === undefined) throw malformed(reading.problem);
    return batchOf(id, body, response);
  }
  const { root } = reading;
  const [notification, another] = notificationsIn(root);
  if (notification === undefined) throw malformed('there is no <notify>, nor the fields of one in <data>');
  if (another !== undefined) throw malformed('there are several, and only the oldest can be marked');
  const id = idOf(root, notification);
  if (id === undefined) throw malformed('it has no usable ID, by which it could be marked');
  return batchOf(id, notificationBytes(notification), response);
}

/** The POLL queue of an account: the oldest notification, and marking it. */
export function wapiProtocol({ account, commands, responses }: WapiPolling): PollProtocol {
  const next = compileResponses([...responses, ...nextRules]);
  const ack = compileResponses([...responses, ...ackRules]);
  return {
    next: (moment) => commandRequest(account, moment, [element('command', commands.next)]),
    readNext(response) {
      if (next.read(response, commands.next) === 'empty') return { kind: 'empty' };
      return { kind: 'batch', batch: readBatch(response, commands.next) };
    },
    complete: {
      request: (id, moment) =>
        commandRequest(account, moment, [
          element('command', commands.ack),
          element('data', element(commands.idField, id)),
        ]),
      read: (response) => (ack.read(response, commands.ack) === 'ok' ? 'completed' : 'refused'),
      salvageId,
    },
  };
}
