import { pipeline, type Readable, type Transform } from 'node:stream';
import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { BridgeError } from '../core/errors.ts';
import type { Content, Received } from '../core/http.ts';
import type { Headers } from '../core/record.ts';
import { excerpt } from '../kit/excerpt.ts';
import type { Channel } from './channel.ts';
import { classifyFailure } from './classify-failure.ts';
import type { Outgoing } from './exchange.ts';

/** More of an answer that is no content is not read: it is for messages. */
const mostOfAnswer = 64 * 1024;

const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: createGunzip,
  'x-gzip': createGunzip,
  deflate: createInflate,
  br: createBrotliDecompress,
};

/** Sends one request and hands over its content as it comes, as `ContentClient.receive` tells. */
export async function receive<Taken>(
  channel: Channel,
  outgoing: Outgoing,
  take: (content: Content) => Promise<Taken>,
  signal: AbortSignal,
): Promise<Received<Taken>> {
  const { origin, dispatcher, timeouts } = channel;
  const { target: path, method, headers, body, timeoutMs } = outgoing;
  const query = path.indexOf('?');
  const what = `${method} ${origin}${query === -1 ? path : path.slice(0, query)}`;
  const late = new AbortController();
  const timer = timeoutMs === undefined ? undefined : setTimeout(() => late.abort(), timeoutMs);
  let started = false;

  function failure(thrown: unknown): BridgeError {
    if (thrown instanceof BridgeError) return thrown;
    if (signal.aborted) return new BridgeError('STOPPING', `${what}: given up, the bridge is being stopped`);
    if (late.signal.aborted) {
      return new BridgeError('UPSTREAM_TIMEOUT', `${what}: the answer was not complete within ${timeoutMs} ms`);
    }
    return classifyFailure(thrown, what, started);
  }

  async function* chunksOf(stream: Readable): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of stream) yield chunk as Buffer;
    } catch (thrown) {
      throw failure(thrown);
    }
  }

  let opened: Readable | undefined;
  try {
    const answer = await dispatcher.request({
      origin,
      path,
      method,
      headers: headers as Record<string, string>,
      body: body ?? null,
      signal: AbortSignal.any([signal, late.signal]),
      headersTimeout: timeouts.headers,
      bodyTimeout: timeouts.body,
    });
    started = true;
    opened = answer.body;
    const status = answer.statusCode;
    const given = joined(answer.headers);
    if (status === 200) {
      return { kind: 'taken', taken: await take({ headers: given, body: chunksOf(decoded(opened, given, what)) }) };
    }
    const start = await beginning(chunksOf(opened));
    return { kind: 'answered', response: { status, headers: given, body: start, receivedAt: new Date() } };
  } catch (thrown) {
    throw failure(thrown);
  } finally {
    clearTimeout(timer);
    // What is left of it is of no use; its late failure is nobody's.
    opened?.on('error', () => {}).destroy();
  }
}

/** Contents are asked for uncoded; this is for upstreams that compress anyway. */
function decoded(body: Readable, headers: Headers, what: string): Readable {
  const coding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
  if (coding === 'identity' || coding === '') return body;
  const decoder = Object.hasOwn(decoders, coding) ? decoders[coding] : undefined;
  if (decoder === undefined) {
    throw new BridgeError('UPSTREAM_REFUSED', `${what}: answered in an unknown coding "${excerpt(coding)}"`);
  }
  return pipeline(body, decoder(), () => {});
}

async function beginning(chunks: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    parts.push(chunk);
    length += chunk.length;
    if (length >= mostOfAnswer) break;
  }
  return Buffer.concat(parts).subarray(0, mostOfAnswer);
}

function joined(headers: Readonly<Record<string, string | string[] | undefined>>): Headers {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );
}
