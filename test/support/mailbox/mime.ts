/** One part of a mail, or a mail of one part. */
export interface MimePart {
  readonly type: string;
  readonly bytes: Buffer;
  readonly encoding?: '7bit' | '8bit' | 'binary' | 'base64' | 'quoted-printable' | undefined;
  /** `attachment; filename=x.xml` */
  readonly disposition?: string | undefined;
}

function quotedPrintable(bytes: Buffer): string {
  let out = '';
  let column = 0;
  for (const [at, byte] of bytes.entries()) {
    if (byte === 10) {
      out += '\r\n';
      column = 0;
      continue;
    }
    const next = bytes[at + 1];
    const plain = byte > 32 && byte < 127 && byte !== 61;
    const space = byte === 32 && next !== 10 && next !== undefined;
    const coded = plain || space ? String.fromCharCode(byte) : `=${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    if (column + coded.length > 75) {
      out += '=\r\n';
      column = 0;
    }
    out += coded;
    column += coded.length;
  }
  return out;
}

function encode({ bytes, encoding = '8bit' }: MimePart): Buffer {
  if (encoding === 'base64') return Buffer.from(bytes.toString('base64').replaceAll(/.{76}/g, '$&\r\n'));
  if (encoding === 'quoted-printable') return Buffer.from(quotedPrintable(bytes));
  return bytes;
}

function rendered(part: MimePart): Buffer {
  const { type, encoding = '8bit', disposition } = part;
  const lines = [`Content-Type: ${type}`, `Content-Transfer-Encoding: ${encoding}`];
  if (disposition !== undefined) lines.push(`Content-Disposition: ${disposition}`);
  return Buffer.concat([Buffer.from(`${lines.join('\r\n')}\r\n\r\n`), encode(part), Buffer.from('\r\n')]);
}

const head = [
  'From: WEDOS <notify@wedos.example>',
  'To: bridge@example.com',
  'Subject: =?utf-8?B?T3rDoW1lbsOt?=',
  'MIME-Version: 1.0',
];

/** A whole mail. Several parts are a multipart of this subtype; `headers`: more of them, on top. */
export function mimeMail(
  parts: readonly MimePart[],
  { subtype = 'mixed', headers = [] }: { readonly subtype?: string; readonly headers?: readonly string[] } = {},
): Buffer {
  const top = Buffer.from([...headers, ...head, ''].join('\r\n'));
  const [only] = parts;
  if (parts.length === 1 && only) return Buffer.concat([top, rendered(only)]);
  const boundary = '----=_border';
  const body = parts.flatMap((part) => [Buffer.from(`--${boundary}\r\n`), rendered(part)]);
  const type = Buffer.from(`Content-Type: multipart/${subtype}; boundary="${boundary}"\r\n\r\nA preamble.\r\n`);
  return Buffer.concat([top, type, ...body, Buffer.from(`--${boundary}--\r\n`)]);
}
