import { createHmac } from 'node:crypto';

/** All bodies have the same length, so that a request can be written over the one before it. */
export const bodyBytes = 1_024;
export const path = '/hooks/bench';
export const signatureHeader = 'x-hub-signature-256';
export const secret = 'It is not secret in a benchmark.';

const idDigits = 9;

/** An event of a sender such as there are many: named fields, a nested list, some text. */
function body(key: string): string {
  const lines = ['desk', 'lamp', 'chair'].map((item, at) => ({
    item,
    quantity: at + 1,
    price: 19.95,
    tax: 'standard',
  }));
  const render = (note: string) =>
    JSON.stringify({
      id: '0'.repeat(idDigits),
      type: 'com.example.invoice.paid',
      at: '2026-01-02T03:04:05.678Z',
      key,
      data: { invoice: 'INV-2026-0815', account: { name: 'acme', country: 'DE' }, total: 119.7, lines, note },
    });
  return render('n'.repeat(bodyBytes - render('').length));
}

/** A request that is made once and then numbered, each time that it is sent, in place. */
export interface NumberedRequest {
  readonly bytes: Buffer;
  /** Makes it the request with this number: its body has it as its id, and is signed anew. */
  setNumber(number: number): void;
}

/** `key` is what has to stay in order. */
export function createRequest(key: string, signed: boolean): NumberedRequest {
  const head = [
    `POST ${path} HTTP/1.1`,
    'host: 127.0.0.1',
    'user-agent: bench',
    'accept: */*',
    'content-type: application/json',
    ...(signed ? [`${signatureHeader}: sha256=${'0'.repeat(64)}`] : []),
    `content-length: ${bodyBytes}`,
  ].join('\r\n');
  const bytes = Buffer.from(`${head}\r\n\r\n${body(key)}`);
  const content = bytes.subarray(-bodyBytes);
  const idAt = content.indexOf('0'.repeat(idDigits));
  const signatureAt = bytes.indexOf('0'.repeat(64));
  return {
    bytes,
    setNumber(number) {
      content.write(String(number).padStart(idDigits, '0'), idAt, 'latin1');
      if (signed) bytes.write(createHmac('sha256', secret).update(content).digest('hex'), signatureAt, 'latin1');
    },
  };
}
