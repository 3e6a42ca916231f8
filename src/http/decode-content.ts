import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate } from 'node:zlib';
import { BridgeError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import { excerpt } from '../kit/excerpt.ts';

type Decode = (bytes: Uint8Array, options: { maxOutputLength: number }) => Promise<Buffer>;

const decoders = new Map<string, Decode>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', promisify(inflate)],
  ['br', promisify(brotliDecompress)],
]);

/**
 * Undoes a content coding, never giving more than `maxBytes`. Answers are asked for uncoded; this is for upstreams that
 * compress anyway, and for users who set `accept-encoding`.
 */
export async function decodeContent(
  response: HttpResponse,
  coding: string,
  maxBytes: number,
  what: string,
): Promise<HttpResponse> {
  const decode = decoders.get(coding.trim().toLowerCase());
  if (decode === undefined) {
    throw new BridgeError('UPSTREAM_REFUSED', `${what}: answered in an unknown coding "${excerpt(coding)}"`);
  }
  const { 'content-encoding': _coding, 'content-length': _length, ...headers } = response.headers;
  try {
    return { ...response, headers, body: await decode(response.body, { maxOutputLength: maxBytes }) };
  } catch (error) {
    throw failure(error, maxBytes, what);
  }
}

function failure(error: unknown, maxBytes: number, what: string): BridgeError {
  if (error instanceof RangeError && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE') {
    return new BridgeError('RESPONSE_TOO_LARGE', `${what}: the answer unpacks to more than ${maxBytes} bytes`);
  }
  return new BridgeError('UPSTREAM_UNREACHABLE', `${what}: the compressed answer is damaged`, { cause: error });
}
