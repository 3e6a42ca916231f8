import { createHash, createHmac } from 'node:crypto';

/** What is to be signed. `id` is the same for each attempt. */
export interface Unsigned {
  readonly body: Buffer;
  readonly id: string;
  /** Seconds since the epoch. */
  readonly at: number;
}

/** The headers that prove who sends. */
export type Sign = (unsigned: Unsigned) => Readonly<Record<string, string>>;

function hmac(algorithm: 'sha256' | 'sha512' | 'sha1', key: string | Buffer, ...parts: readonly (string | Buffer)[]) {
  const mac = createHmac(algorithm, key);
  for (const part of parts) mac.update(part);
  return mac;
}

/** By the names of the presets of `verify`, with their own idea of a key. */
export const signatures = {
  os1:
    (key) =>
    ({ body }) => ({ 'x-os1-signature': hmac('sha256', key, body).digest('hex') }),
  github:
    (key) =>
    ({ body }) => ({ 'x-hub-signature-256': `sha256=${hmac('sha256', key, body).digest('hex')}` }),
  fenergo: (key) => {
    const derived = createHash('sha256').update(key).digest();
    return ({ body }) => ({ 'x-fenx-signature': hmac('sha256', derived, body).digest('hex') });
  },
  stripe:
    (key) =>
    ({ body, at }) => ({ 'stripe-signature': `t=${at},v1=${hmac('sha256', key, `${at}.`, body).digest('hex')}` }),
  slack:
    (key) =>
    ({ body, at }) => ({
      'x-slack-request-timestamp': String(at),
      'x-slack-signature': `v0=${hmac('sha256', key, `v0:${at}:`, body).digest('hex')}`,
    }),
  'standard-webhooks': (key) => {
    const secret = Buffer.from(key.replace(/^whsec_/, ''), 'base64');
    return ({ body, id, at }) => ({
      'webhook-id': id,
      'webhook-timestamp': String(at),
      'webhook-signature': `v1,${hmac('sha256', secret, `${id}.${at}.`, body).digest('base64')}`,
    });
  },
  bearer: (key) => () => ({ authorization: `Bearer ${key}` }),
  none: () => () => ({}),
} as const satisfies Readonly<Record<string, (key: string) => Sign>>;

export type SignatureName = keyof typeof signatures;

/** The same by one who does not know the key. */
export function forged(sign: Sign): Sign {
  return (unsigned) => {
    const other = sign({ ...unsigned, body: Buffer.concat([unsigned.body, Buffer.from('?')]) });
    const right = JSON.stringify(sign(unsigned));
    if (JSON.stringify(other) !== right) return other;
    // A token has nothing to do with the body.
    return Object.fromEntries(Object.entries(other).map(([name, value]) => [name, `${value}x`]));
  };
}

/** Whether anything is to be proved at all. */
export function isProof(sign: Sign): boolean {
  return Object.keys(sign({ body: Buffer.alloc(0), id: 'x', at: 1 })).length > 0;
}

/** Whether what was signed long ago is told from what was signed now. */
export function isDated(sign: Sign): boolean {
  const of = (at: number): string => JSON.stringify(sign({ body: Buffer.alloc(0), id: 'x', at }));
  return of(1) !== of(2);
}
