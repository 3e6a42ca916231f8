const maxLength = 200;
/** Enough for that many characters of four bytes each, and one more; the rest of a large body is never decoded. */
const maxBytes = 4 * (maxLength + 1);
const unprintable = /[\p{C}\p{Z}]+/gu;
const credential = /\b(bearer|basic)\s+[\w.~+/=-]+|\beyJ[\w-]+\.[\w-]+\.[\w-]*/gi;

/**
 * The beginning of a stranger's text, fit for a message: at most 200 printable characters on one line. What looks like
 * a credential that was echoed back is masked.
 */
export function excerpt(text: Uint8Array | string): string {
  const start = typeof text === 'string' ? text.slice(0, maxBytes) : decodeStart(text);
  const shown = Array.from(start.replace(unprintable, ' ').trim().replace(credential, mask));
  return shown.length > maxLength ? `${shown.slice(0, maxLength - 1).join('')}…` : shown.join('');
}

function decodeStart(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes.subarray(0, maxBytes));
}

function mask(_match: string, scheme: string | undefined): string {
  return scheme === undefined ? '[secret]' : `${scheme} [secret]`;
}
