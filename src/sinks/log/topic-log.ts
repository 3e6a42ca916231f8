import { join } from 'node:path';
import { type AppendOutcome, type AppendQueue, createAppendQueue } from './append-queue.ts';
import { classify } from './classify.ts';
import type { LogSettings } from './config.ts';
import { makeFolder } from './folder.ts';
import { findLogEnd, type LogEnd } from './recover.ts';
import { retain } from './retention.ts';
import { appendDurably, isLost, type OpenFile, openSegment, type SegmentFile, segmentName } from './segment.ts';

/** What a topic needs of the log it is in. */
export interface TopicContext {
  readonly folder: string;
  settings(): LogSettings;
  /** Resolves when the log's own folder is there and ours to write to. Called before each write; cheap after the first. */
  ready(): Promise<void>;
  onRepaired(file: string, droppedBytes: number): void;
  readonly openFile: OpenFile;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** One topic: its segments, and the next offset. */
export interface TopicLog extends Pick<AppendQueue, 'append' | 'idle'> {
  /** After the last append has ended. */
  close(): Promise<void>;
}

/** The segment that is open, and where it ends: what lies before `end` is on the disk. */
interface Tail {
  readonly file: SegmentFile;
  end: LogEnd;
}

const lineFeed = Buffer.from('\n');

/** Opened when first appended to, and opened anew after each failure. */
export function createTopicLog(context: TopicContext): TopicLog {
  const { folder, openFile } = context;
  let tail: Tail | undefined;
  /** Where the log ended when a write failed: what lies beyond is to be cut off, whatever the disk shows. */
  let lastGood: LogEnd | undefined;
  /** Offsets are never given twice by this process, even when somebody deletes the files under it. */
  let nextOffset = 0;

  function fresh(): LogEnd {
    return { firstOffset: nextOffset, size: 0, lines: 0, startedAt: context.now(), tornBytes: 0 };
  }

  async function locate(): Promise<LogEnd> {
    const found = await findLogEnd(folder);
    return found === undefined || found.firstOffset + found.lines < nextOffset ? fresh() : found;
  }

  /** What cannot be deleted now is tried again with the next segment: it must not hold up events. */
  async function sweep(): Promise<void> {
    await retain(folder, context.settings(), context.now()).catch(() => {});
  }

  async function open(): Promise<Tail> {
    await makeFolder(folder);
    const end = lastGood ?? (await locate());
    const file = await openSegment(folder, end.firstOffset, end.size, openFile).catch((error: unknown) => {
      if (isLost(error)) lastGood = undefined;
      throw error;
    });
    lastGood = undefined;
    tail = { file, end };
    nextOffset = end.firstOffset + end.lines;
    if (end.tornBytes > 0) context.onRepaired(join(folder, segmentName(end.firstOffset)), end.tornBytes);
    await sweep();
    return tail;
  }

  async function roll(previous: Tail): Promise<Tail> {
    const end = fresh();
    tail = { file: await openSegment(folder, end.firstOffset, 0, openFile), end };
    await previous.file.close().catch(() => {});
    await sweep();
    return tail;
  }

  function isFull({ lines, size, startedAt }: LogEnd, incoming: number): boolean {
    const { segmentBytes, segmentAge } = context.settings();
    return lines > 0 && (size + incoming > segmentBytes || context.now() - startedAt >= segmentAge);
  }

  /** The segment to append to; nothing of the append is written yet. */
  async function prepare(incoming: number): Promise<Tail> {
    await context.ready();
    const current = tail ?? (await open());
    return isFull(current.end, incoming) ? roll(current) : current;
  }

  /**
   * Cuts off what a failed append may have left. A descriptor whose sync has failed is not trusted any more: the file
   * is opened anew, cut and synced. Until that works nothing more is appended.
   */
  async function undo(broken: Tail): Promise<'failed' | 'unknown'> {
    tail = undefined;
    lastGood = { ...broken.end, tornBytes: 0 };
    await broken.file.close().catch(() => {});
    return open().then(
      () => 'failed',
      () => 'unknown',
    );
  }

  async function write(lines: readonly Buffer[]): Promise<AppendOutcome> {
    const bytes = Buffer.concat(lines.flatMap((line) => [line, lineFeed]));
    let current: Tail;
    try {
      current = await prepare(bytes.length);
    } catch (error) {
      return { status: 'failed', error: classify(error, `open ${folder}`) };
    }
    const { file, end } = current;
    try {
      await appendDurably(file, bytes, end.size);
    } catch (cause) {
      const error = classify(cause, `append to ${join(folder, segmentName(end.firstOffset))}`);
      return { status: await undo(current), error };
    }
    const firstOffset = nextOffset;
    nextOffset += lines.length;
    current.end = { ...end, size: end.size + bytes.length, lines: end.lines + lines.length };
    return { status: 'written', firstOffset };
  }

  const queue = createAppendQueue(write);
  return {
    append: queue.append,
    idle: queue.idle,
    async close() {
      await queue.settled();
      await tail?.file.close().catch(() => {});
      tail = undefined;
    },
  };
}
