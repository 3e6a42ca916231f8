import { type RawRecord, receivedMark, refusedMark } from '../../core/record.ts';
import { streamEventMark, streamIdMark } from '../../core/stream.ts';
import type { StreamEvent } from './event-stream.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function textOf(bytes: Buffer | undefined): string | undefined {
  return bytes === undefined ? undefined : decoder.decode(bytes);
}

/** Its data as it came; what else there is to know is among the headers. */
export function toRecord(event: StreamEvent, mediaType: string, receivedAt: Date): RawRecord {
  const marks: Record<string, string> = { [receivedMark]: receivedAt.toISOString() };
  try {
    const name = textOf(event.name);
    const id = textOf(event.lastEventId);
    if (name !== undefined) marks[streamEventMark] = name;
    if (id !== undefined && id !== '') marks[streamIdMark] = id;
  } catch {
    marks[refusedMark] = 'RECORD_NOT_UTF8 the name of the event, or its id, contains bytes that are not UTF-8';
  }
  return { bytes: event.data, mediaType, headers: marks, receivedAt };
}

/** The beginning of an event of which no more was read: a dead letter. */
export function tooLargeRecord(event: StreamEvent, mediaType: string, receivedAt: Date, maxBytes: number): RawRecord {
  const record = toRecord(event, mediaType, receivedAt);
  const reason = `STREAM_EVENT_TOO_LARGE the event is larger than ${maxBytes} bytes; these are the first ${event.data.length} of its data`;
  return { ...record, headers: { ...record.headers, [refusedMark]: reason } };
}

/** The id to ask for what follows; undefined where it is none that could be sent. */
export function idText(id: Buffer | undefined): string | undefined {
  try {
    return textOf(id);
  } catch {
    return undefined;
  }
}
