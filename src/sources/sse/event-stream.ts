import { createBytes } from './bytes.ts';

/** What the parser finds, in order. Called at once, in the midst of `push`. */
export interface StreamHandlers {
  /** A block with data. `lastEventId`: as of this block; undefined where the stream has set none yet. */
  event(event: StreamEvent): void;
  /** The server asks for so long a wait, in milliseconds, before a new connection. */
  retry(ms: number): void;
  /** A line that is no field of an event stream: such lines mean nothing, but error texts look like this. */
  stray(line: Buffer): void;
  /** A block has become larger than allowed: nothing is read any more. `head`: the beginning of its data. */
  tooLarge(event: StreamEvent): void;
}

export interface StreamEvent {
  /** The data's own bytes: its lines, joined by line feeds. They need not be UTF-8. */
  readonly data: Buffer;
  /** What the block says it is; undefined where it says nothing. */
  readonly name: Buffer | undefined;
  readonly lastEventId: Buffer | undefined;
}

export interface EventStreamOptions {
  /** Largest block in bytes, its comments aside. */
  readonly maxEventBytes: number;
  /** What was set last on the connection before: it stays so until the stream sets another. */
  readonly lastEventId?: Buffer | undefined;
  readonly on: StreamHandlers;
}

/** Reads `text/event-stream` as WHATWG has it, from bytes, in any chunks. A block without an end is never given. */
export interface EventStream {
  push(chunk: Buffer): void;
  /** The first bytes of the line that is not ended yet. Empty: none, or a comment. */
  unended(upTo?: number): Buffer;
  /** As of the last block that was ended, also one without data. */
  readonly lastEventId: Buffer | undefined;
  /** Whether a block has begun that is not ended. */
  readonly amidst: boolean;
}

const lf = 0x0a;
const cr = 0x0d;
const colon = 0x3a;
const space = 0x20;
const nothing = Buffer.alloc(0);
const lineFeed = Buffer.from([lf]);
const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);
/** Of a block that is too large, so much is kept. */
const headBytes = 16 * 1024;

const dataField = Buffer.from('data');
const eventField = Buffer.from('event');
const idField = Buffer.from('id');
const retryField = Buffer.from('retry');

export function createEventStream({ maxEventBytes, lastEventId, on }: EventStreamOptions): EventStream {
  return new Parser(maxEventBytes, lastEventId, on);
}

/** A class, because it is all state, and changes with each byte. */
class Parser implements EventStream {
  readonly #max: number;
  readonly #on: StreamHandlers;
  lastEventId: Buffer | undefined;
  /** As the block in hand has it: it counts once that is ended. */
  #id: Buffer | undefined;
  /** How many bytes of a byte order mark have been seen at the beginning; undefined: what may be one is past. */
  #mark: number | undefined = 0;
  /** The last byte was a carriage return: a line feed after it belongs to it. */
  #afterReturn = false;
  /** The line that is not ended; nothing of a comment. */
  readonly #part = createBytes();
  #inComment = false;
  /** Each line of it has its line feed. */
  readonly #data = createBytes();
  #name: Buffer | undefined;
  #dead = false;

  constructor(max: number, lastEventId: Buffer | undefined, on: StreamHandlers) {
    this.#max = max;
    this.#on = on;
    this.lastEventId = lastEventId;
    this.#id = lastEventId;
  }

  get amidst(): boolean {
    return this.#part.length > 0 || this.#data.length > 0 || this.#name !== undefined;
  }

  unended(upTo?: number): Buffer {
    return this.#part.copy(upTo);
  }

  push(chunk: Buffer): void {
    let from = this.#mark === undefined ? 0 : this.#skipMark(chunk);
    if (this.#afterReturn && from < chunk.length) {
      this.#afterReturn = false;
      if (chunk[from] === lf) from++;
    }
    let nextReturn = chunk.indexOf(cr, from);
    while (from < chunk.length && !this.#dead) {
      const feed = chunk.indexOf(lf, from);
      const end = nextReturn !== -1 && (feed === -1 || nextReturn < feed) ? nextReturn : feed;
      if (end === -1) {
        this.#keep(chunk.subarray(from));
        return;
      }
      this.#line(chunk.subarray(from, end));
      from = end + 1;
      if (end !== nextReturn) continue;
      if (from === chunk.length) this.#afterReturn = true;
      else if (chunk[from] === lf) from++;
      nextReturn = chunk.indexOf(cr, from);
    }
  }

  /** Gives where the stream begins in this chunk. */
  #skipMark(chunk: Buffer): number {
    let at = 0;
    for (let seen = this.#mark ?? 0; at < chunk.length; at++) {
      if (chunk[at] !== byteOrderMark[seen]) {
        // What looked like the beginning of one belongs to the first line.
        this.#mark = undefined;
        const taken = seen - at;
        if (taken > 0) this.#keep(byteOrderMark.subarray(0, taken));
        return 0;
      }
      seen++;
      this.#mark = seen;
      if (seen === byteOrderMark.length) {
        this.#mark = undefined;
        return at + 1;
      }
    }
    return chunk.length;
  }

  /** Part of a line. */
  #keep(piece: Buffer): void {
    if (this.#inComment || piece.length === 0) return;
    if (this.#part.length === 0 && piece[0] === colon) {
      this.#inComment = true;
      return;
    }
    this.#part.add(piece);
    this.#measure();
  }

  #measure(): void {
    const { length } = this.#part;
    if (length + this.#data.length + (this.#name?.length ?? 0) <= this.#max) return;
    const line = length === 0 ? nothing : this.unended();
    const rest = line.indexOf('data:') === 0 ? withoutSpace(line.subarray(dataField.length + 1)) : nothing;
    const head = Buffer.concat([this.#data.copy(headBytes), rest.subarray(0, headBytes)]).subarray(0, headBytes);
    this.#dead = true;
    this.#part.clear();
    this.#data.clear();
    this.#on.tooLarge({ data: head, name: this.#name, lastEventId: this.#id });
  }

  #line(end: Buffer): void {
    if (this.#inComment) {
      this.#inComment = false;
      return;
    }
    if (this.#part.length === 0) {
      this.#whole(end);
      return;
    }
    this.#part.add(end);
    const line = this.#part.copy();
    this.#part.clear();
    this.#whole(line);
  }

  #whole(line: Buffer): void {
    if (line.length === 0) {
      this.#dispatch();
      return;
    }
    const at = line.indexOf(colon);
    if (at === 0) return;
    const field = at === -1 ? line : line.subarray(0, at);
    const value = at === -1 ? nothing : withoutSpace(line.subarray(at + 1));
    if (field.equals(dataField)) {
      this.#data.add(value);
      this.#data.add(lineFeed);
    } else if (field.equals(eventField)) this.#name = Buffer.from(value);
    else if (field.equals(idField)) {
      if (!value.includes(0)) this.#id = Buffer.from(value);
    } else if (field.equals(retryField)) {
      const digits = value.toString('latin1');
      if (/^[0-9]+$/.test(digits)) this.#on.retry(Number(digits));
    } else this.#on.stray(line);
    this.#measure();
  }

  #dispatch(): void {
    const name = this.#name;
    this.#name = undefined;
    this.lastEventId = this.#id;
    if (this.#data.length === 0) return;
    const data = this.#data.copy(this.#data.length - 1);
    this.#data.clear();
    this.#on.event({ data, name: name?.length === 0 ? undefined : name, lastEventId: this.#id });
  }
}

function withoutSpace(value: Buffer): Buffer {
  return value[0] === space ? value.subarray(1) : value;
}
