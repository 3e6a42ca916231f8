const keys = 256;
export const bodyBytes = 1_024;

/** The data of an event of the stream: JSON of 1 KiB. Keys take turns. */
export function eventBody(number: number): string {
  const fields = { id: String(number), key: `key-${number % keys}`, filler: '' };
  return JSON.stringify({ ...fields, filler: 'x'.repeat(bodyBytes - JSON.stringify(fields).length) });
}
