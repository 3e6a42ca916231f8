import type { IncomingMessage } from 'node:http';
import { BridgeError } from '../../core/errors.ts';
import { appendChunk } from '../append-chunk.ts';
import type { Budget } from './budget.ts';
import { isCoded, undoCoding } from './undo-coding.ts';

/** A body, and what it holds of the budget, which has to be given back. */
export interface ReadBody {
  readonly body: Buffer;
  readonly held: number;
}

function tooLarge(maxBytes: number): BridgeError {
  return new BridgeError('REQUEST_TOO_LARGE', `the body has more than ${maxBytes} bytes`);
}

const noBytes = Buffer.alloc(0);

/**
 * Reads a body whole, as many bytes as `maxBytes` and the budget allow, and undoes its content coding. Rejects with a
 * REQUEST_… error or HOOK_OVERLOADED, having given back all that it held; what is left of the body is not read then.
 */
export async function readBody(message: IncomingMessage, maxBytes: number, budget: Budget): Promise<ReadBody> {
  const coding = message.headers['content-encoding'];
  const coded = isCoded(coding);
  const announced = Number(message.headers['content-length'] ?? 0);
  if (announced > maxBytes) throw tooLarge(maxBytes);
  const read = await readBytes(message, announced, maxBytes, budget);
  if (!coded) return read;
  try {
    const body = await undoCoding(read.body, coding, maxBytes);
    const more = Math.max(0, body.length - read.held);
    if (!budget.take(more)) throw overloaded();
    return { body, held: read.held + more };
  } catch (error) {
    budget.giveBack(read.held);
    throw error;
  }
}

export function overloaded(): BridgeError {
  return new BridgeError('HOOK_OVERLOADED', 'too much is in flight');
}

function readBytes(message: IncomingMessage, announced: number, maxBytes: number, budget: Budget): Promise<ReadBody> {
  const { promise, resolve, reject } = Promise.withResolvers<ReadBody>();
  let buffer: Buffer = noBytes;
  let length = 0;

  const end = () => {
    message.off('data', take).off('end', done).off('error', broken).off('close', broken);
  };
  const refuse = (error: BridgeError) => {
    end();
    message.pause();
    budget.giveBack(length);
    reject(error);
  };
  const take = (chunk: Buffer) => {
    if (length + chunk.length > maxBytes) return refuse(tooLarge(maxBytes));
    if (!budget.take(chunk.length)) return refuse(overloaded());
    // Most bodies come in one piece, which needs no copy.
    buffer = length === 0 ? chunk : appendChunk(buffer, length, chunk, announced, maxBytes);
    length += chunk.length;
  };
  const done = () => {
    end();
    resolve({ body: buffer.length === length ? buffer : buffer.subarray(0, length), held: length });
  };
  const broken = () => refuse(new BridgeError('REQUEST_UNREADABLE', 'the connection broke off'));
  message.on('data', take).on('end', done).on('error', broken).on('close', broken);
  return promise;
}
