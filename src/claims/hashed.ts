import { createHash } from 'node:crypto';

/** A content that is hashed as it goes by; both are known when it has ended. */
export interface Hashed extends AsyncIterable<Uint8Array> {
  readonly sha256: string;
  readonly length: number;
}

export function hashed(content: AsyncIterable<Uint8Array>): Hashed {
  const hash = createHash('sha256');
  let sha256 = '';
  let length = 0;
  return {
    async *[Symbol.asyncIterator]() {
      for await (const chunk of content) {
        hash.update(chunk);
        length += chunk.length;
        yield chunk;
      }
      sha256 = hash.digest('hex');
    },
    get sha256() {
      return sha256;
    },
    get length() {
      return length;
    },
  };
}
