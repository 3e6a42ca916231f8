import { type Envelope, encodeStructured } from '../../core/envelope.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const nul = 0x00;
const space = 0x20;

function blank(bytes: Buffer, byte: number): void {
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) bytes[at] = space;
}

/**
 * A structured event on one line, without the newline. Raw line breaks become spaces: in JSON they can only be white
 * space between tokens (inside strings they are escaped), so the value is unchanged, though pretty-printed data has
 * other bytes than upstream sent. Only this sink does so.
 */
export function encodeLine(envelope: Envelope): Buffer {
  const bytes = encodeStructured(envelope);
  blank(bytes, lineFeed);
  blank(bytes, carriageReturn);
  // No JSON has one, but recovery takes it for a hole that a power cut left: what follows must not hang on the sender.
  blank(bytes, nul);
  return bytes;
}
