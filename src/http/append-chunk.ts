const smallest = 4 * 1024;

/**
 * Adds `chunk` to the first `length` bytes of `buffer` and gives the buffer that holds both. Grows by doubling, so that
 * a body in a million tiny chunks costs its own size and not a million objects; a body whose size is known is copied
 * once. `expected`: its size, 0 when unknown. `limit`: room beyond it is never set aside.
 */
export function appendChunk(buffer: Buffer, length: number, chunk: Buffer, expected: number, limit: number): Buffer {
  const needed = length + chunk.length;
  let target = buffer;
  if (needed > buffer.length) {
    const roomy = expected >= needed ? expected : Math.min(Math.max(2 * needed, smallest), limit);
    target = Buffer.allocUnsafeSlow(Math.max(needed, roomy));
    buffer.copy(target, 0, 0, length);
  }
  chunk.copy(target, length);
  return target;
}
