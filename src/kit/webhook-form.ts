const plus = 0x2b;
const percent = 0x25;
const space = 0x20;

function hexValue(byte: number | undefined): number {
  if (byte === undefined) return -1;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** As forms are encoded: `+` is a space, and %XX a byte. A % that encodes nothing stands for itself. */
function decode(bytes: Uint8Array): Buffer {
  const decoded = Buffer.allocUnsafe(bytes.length);
  let end = 0;
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    const high = byte === percent ? hexValue(bytes[at + 1]) : -1;
    const low = high < 0 ? -1 : hexValue(bytes[at + 2]);
    if (low >= 0) at += 2;
    decoded[end++] = low >= 0 ? high * 16 + low : byte === plus ? space : byte;
  }
  return decoded.subarray(0, end);
}

/** The bytes of each field of this name in a form, decoded, in order. */
export function formFields(body: Uint8Array, name: string): readonly Uint8Array[] {
  const form = Buffer.from(body.buffer, body.byteOffset, body.length);
  const fields: Uint8Array[] = [];
  for (let start = 0; start <= form.length; ) {
    const found = form.indexOf('&', start);
    const end = found < 0 ? form.length : found;
    const pair = form.subarray(start, end);
    const assign = pair.indexOf('=');
    const key = assign < 0 ? pair : pair.subarray(0, assign);
    if (decode(key).equals(Buffer.from(name))) {
      fields.push(decode(assign < 0 ? new Uint8Array() : pair.subarray(assign + 1)));
    }
    start = end + 1;
  }
  return fields;
}

/** The first of them; undefined where there is none. */
export function formField(body: Uint8Array, name: string): Uint8Array | undefined {
  return formFields(body, name)[0];
}
