/** The hash of Kafka's Java client (murmur2 with its seed), as an unsigned number below 2^31. */
function javaHash(key: Uint8Array): number {
  const multiplier = 0x5bd1e995;
  const view = new DataView(key.buffer, key.byteOffset, key.byteLength);
  const whole = key.length & ~3;
  let hash = 0x9747b28c ^ key.length;
  for (let at = 0; at < whole; at += 4) {
    let word = Math.imul(view.getInt32(at, true), multiplier);
    word = Math.imul(word ^ (word >>> 24), multiplier);
    hash = Math.imul(hash, multiplier) ^ word;
  }
  const rest = key.length - whole;
  if (rest > 0) {
    for (let at = 0; at < rest; at++) hash ^= view.getUint8(whole + at) << (8 * at);
    hash = Math.imul(hash, multiplier);
  }
  hash = Math.imul(hash ^ (hash >>> 13), multiplier);
  hash ^= hash >>> 15;
  return hash & 0x7fffffff;
}

/** The partition that Kafka's Java client would choose: consumers that join topics rely on it. */
export function partitionOf(key: Uint8Array, partitions: number): number {
  return javaHash(key) % partitions;
}
