import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, inflateRaw } from 'node:zlib';
import { BridgeError } from '../../core/errors.ts';
import { excerpt } from '../../kit/excerpt.ts';

type Decode = (bytes: Uint8Array, options: { readonly maxOutputLength: number }) => Promise<Buffer>;

const wrapped = promisify(inflate);
const bare = promisify(inflateRaw);

/** Some senders leave out the wrapping that the standard wants; its first byte tells. */
const deflate: Decode = (bytes, options) => (((bytes[0] ?? 0) & 0x0f) === 8 ? wrapped : bare)(bytes, options);

const decoders = new Map<string, Decode>([
  ['gzip', promisify(gunzip)],
  ['x-gzip', promisify(gunzip)],
  ['deflate', deflate],
  ['br', promisify(brotliDecompress)],
]);

function decoderOf(coding: string): Decode {
  const decode = decoders.get(coding.trim().toLowerCase());
  if (decode !== undefined) return decode;
  throw new BridgeError('REQUEST_CODING_UNKNOWN', `the content coding is "${excerpt(coding)}"`);
}

/** Whether a body is coded at all. Throws REQUEST_CODING_UNKNOWN, so that such a body need not be read. */
export function isCoded(coding: string | undefined): coding is string {
  if (coding === undefined || coding === '' || coding.toLowerCase() === 'identity') return false;
  return decoderOf(coding) !== undefined;
}

/** Never gives, nor holds, much more than `maxBytes`. Rejects with REQUEST_TOO_LARGE or REQUEST_UNREADABLE. */
export async function undoCoding(body: Uint8Array, coding: string, maxBytes: number): Promise<Buffer> {
  try {
    return await decoderOf(coding)(body, { maxOutputLength: maxBytes });
  } catch (error) {
    if (error instanceof BridgeError) throw error;
    if (error instanceof RangeError) {
      throw new BridgeError('REQUEST_TOO_LARGE', `the body unpacks to more than ${maxBytes} bytes`, { cause: error });
    }
    throw new BridgeError('REQUEST_UNREADABLE', 'the compressed body is damaged', { cause: error });
  }
}
