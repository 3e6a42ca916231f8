/** The same bytes in parts of this size, but for the last one; none where there are none. */
export async function* partsOf(content: AsyncIterable<Uint8Array>, size: number): AsyncGenerator<Buffer, undefined> {
  let part: Buffer = Buffer.alloc(0);
  let length = 0;
  for await (const chunk of content) {
    for (let at = 0; at < chunk.length; ) {
      if (length === part.length) part = grown(part, length, Math.min(size, length + chunk.length - at), size);
      const taken = Math.min(chunk.length - at, part.length - length);
      part.set(chunk.subarray(at, at + taken), length);
      length += taken;
      at += taken;
      if (length < size) continue;
      yield part;
      part = Buffer.alloc(0);
      length = 0;
    }
  }
  if (length > 0) yield part.subarray(0, length);
}

/** By doubling: small contents cost no whole part. */
function grown(part: Buffer, length: number, needed: number, most: number): Buffer {
  const larger = Buffer.allocUnsafeSlow(Math.min(most, Math.max(needed, 2 * length)));
  part.copy(larger, 0, 0, length);
  return larger;
}
