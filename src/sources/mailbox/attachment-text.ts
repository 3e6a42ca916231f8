const marks: readonly (readonly [string, readonly number[]])[] = [
  ['utf-8', [0xef, 0xbb, 0xbf]],
  ['utf-16be', [0xfe, 0xff]],
  ['utf-16le', [0xff, 0xfe]],
];

/** As an XML declaration names it, which is ASCII in every charset but UTF-16. */
function declared(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.subarray(0, 200)).toString('latin1');
  return /^\s*<\?xml\s[^>]*encoding\s*=\s*["']([A-Za-z0-9._-]+)["']/.exec(start)?.[1];
}

/** UTF-16 without a byte order mark shows in the first character of XML. */
function guessed([first, second]: Uint8Array): string | undefined {
  if (first === 0 && second === 0x3c) return 'utf-16be';
  return first === 0x3c && second === 0 ? 'utf-16le' : undefined;
}

/**
 * The text of an attachment: by its byte order mark, the charset that its part names, its XML declaration, or as UTF-8.
 * Undefined: it is no text of that charset, or the charset is not known. Nothing is guessed byte by byte.
 */
export function attachmentText(bytes: Uint8Array, charset: string | undefined): string | undefined {
  const mark = marks.find(([, start]) => start.every((byte, at) => bytes[at] === byte))?.[0];
  try {
    const decoder = new TextDecoder(mark ?? charset ?? guessed(bytes) ?? declared(bytes) ?? 'utf-8', { fatal: true });
    return decoder.decode(bytes);
  } catch {
    return undefined;
  }
}
