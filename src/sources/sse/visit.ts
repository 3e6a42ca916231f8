import { BridgeError, type ErrorCode, toBridgeError } from '../../core/errors.ts';
import type { RawRecord } from '../../core/record.ts';
import type { StreamAnswer, StreamArrival, StreamClient, StreamTreatment } from '../../core/stream.ts';
import { classifyStatus } from '../../kit/classify-status.ts';
import { excerpt } from '../../kit/excerpt.ts';
import { createEventStream } from './event-stream.ts';
import type { Inbox } from './inbox.ts';
import type { GapReason } from './sse-feed.ts';
import { idText, tooLargeRecord, toRecord } from './to-record.ts';

/** How a connection ended. */
export interface VisitEnd {
  readonly reason: GapReason;
  readonly error: BridgeError;
  /** When its last byte came; undefined: its answer was no stream, if there was one. */
  readonly lastAt: Date | undefined;
}

export interface VisitOptions {
  readonly arrival: StreamArrival;
  readonly client: StreamClient;
  readonly inbox: Pick<Inbox, 'push' | 'room'>;
  /** Of the stream so far. */
  readonly lastEventId: string | undefined;
  readonly settledMs: number;
  /** It has brought an event, or was open for so long without an error. Called once, before the event is given on. */
  readonly works: (openedAt: Date) => void;
  readonly arrived: (record: RawRecord) => void;
  /** As of the last block that was ended. */
  readonly moved: (lastEventId: string | undefined) => void;
  readonly retry: (ms: number) => void;
}

/** Of a text that may say an error, in the place of events, so much is looked at. */
const mostText = 2_048;

const codes: Readonly<Record<StreamTreatment, ErrorCode>> = {
  auth: 'AUTH_REFUSED',
  fatal: 'UPSTREAM_REFUSED',
  retry: 'UPSTREAM_ERROR',
};

function refusedBy(arrival: StreamArrival, text: string): BridgeError | undefined {
  const refusal = text === '' || text.length > mostText ? undefined : arrival.refusal(text);
  return refusal && new BridgeError(codes[refusal.treat], `the stream answered ${refusal.word}`);
}

/** Why an answer is none to be read; undefined: it is an event stream. */
async function problemOf(answer: StreamAnswer, arrival: StreamArrival): Promise<BridgeError | undefined> {
  const { status, headers } = answer;
  const type = headers['content-type'] ?? '';
  const coding = headers['content-encoding'] ?? 'identity';
  if (status === 200 && /^text\/event-stream *(?:;|$)/i.test(type) && coding === 'identity') return undefined;
  const head = await answer.head();
  const text = Buffer.from(head.body).toString().trim();
  const refused = refusedBy(arrival, text);
  if (refused) return refused;
  const what = `GET ${arrival.path}`.split('?')[0] ?? '';
  // The standard's word for "do not connect again".
  if (status === 204) return new BridgeError('UPSTREAM_REFUSED', `${what}: answered 204: there is no stream`);
  if (status !== 200) return classifyStatus(head, what);
  const named = type === '' ? 'no media type' : excerpt(type);
  const coded = coding === 'identity' ? '' : ` in ${excerpt(coding)}`;
  return new BridgeError('STREAM_UNFIT', `${what}: answered ${named}${coded}, not text/event-stream: ${excerpt(text)}`);
}

/** Connects once, and reads until the connection ends, however that may be. Never rejects. */
export async function visit(options: VisitOptions, stop: AbortSignal): Promise<VisitEnd> {
  const { arrival, client, lastEventId } = options;
  try {
    const answer = await client.open(lastEventId, stop);
    const openedAt = new Date();
    const error = await problemOf(answer, arrival);
    if (error) return { reason: 'refused', error, lastAt: undefined };
    return await read(answer, openedAt, options, stop);
  } catch (thrown) {
    return { reason: 'connection-lost', error: toBridgeError(thrown), lastAt: undefined };
  }
}

async function read(answer: StreamAnswer, openedAt: Date, options: VisitOptions, stop: AbortSignal): Promise<VisitEnd> {
  const { arrival, inbox, works, arrived, moved, retry, settledMs } = options;
  const { mediaType, maxEventBytes, idleMs } = arrival;
  let lastAt = openedAt;
  let refused: BridgeError | undefined;
  let tooLarge: BridgeError | undefined;
  let strays = '';
  let worked = false;

  const work = () => {
    if (worked || refused) return;
    worked = true;
    works(openedAt);
  };
  const give = (record: RawRecord, id: Buffer | undefined) => {
    work();
    arrived(record);
    inbox.push({ record, lastEventId: idText(id) });
  };
  const stream = createEventStream({
    maxEventBytes,
    lastEventId: options.lastEventId === undefined ? undefined : Buffer.from(options.lastEventId),
    on: {
      event(event) {
        if (refused) return;
        strays = '';
        if (event.data.length <= mostText) refused = refusedBy(arrival, event.data.toString().trim());
        if (!refused) give(toRecord(event, mediaType, lastAt), event.lastEventId);
      },
      retry,
      stray(line) {
        if (strays.length <= mostText) strays += `${line.subarray(0, mostText + 1).toString()}\n`;
        refused ??= refusedBy(arrival, strays.trim());
      },
      tooLarge(event) {
        if (refused) return;
        tooLarge = new BridgeError('STREAM_EVENT_TOO_LARGE', `an event is larger than ${maxEventBytes} bytes`);
        give(tooLargeRecord(event, mediaType, lastAt, maxEventBytes), event.lastEventId);
      },
    },
  });

  const silent = new BridgeError('STREAM_ENDED', `nothing came for ${idleMs} ms: the connection counts as dead`);
  let waits = true;
  const idle = setTimeout(() => {
    if (waits) answer.abort(silent);
    else idle.refresh();
  }, idleMs);
  const settled = setTimeout(work, settledMs);
  const ended = (reason: GapReason, error: BridgeError): VisitEnd => ({ reason, error, lastAt });
  try {
    for await (const chunk of answer.chunks) {
      waits = false;
      lastAt = new Date();
      stream.push(chunk);
      moved(idText(stream.lastEventId));
      refused ??= refusedBy(arrival, (strays + stream.unended(mostText + 1).toString()).trim());
      if (refused) return ended('refused', refused);
      if (tooLarge) return ended('event-too-large', tooLarge);
      // While nothing is read, the upstream is held back by the socket.
      await inbox.room(stop);

      waits = true;
      idle.refresh();
    }
    return ended('ended', new BridgeError('STREAM_ENDED', 'the upstream has ended the stream'));
  } catch (thrown) {
    const error = toBridgeError(thrown);
    return ended(error === silent ? 'idle-timeout' : 'connection-lost', error);
  } finally {
    clearTimeout(idle);
    clearTimeout(settled);
  }
}
