import { z } from 'zod';
import { isAddressBlock } from '../kit/address-block.ts';
import { byteSize, duration, text } from '../kit/scalars.ts';
import { pem } from '../kit/tls-settings.ts';
import type { HooksListen } from './configuration.ts';
import { listenAddress } from './listen-address.ts';
import { type ConfigNode, pointAt } from './node.ts';
import type { DeclaredPipeline } from './pipelines.ts';
import type { Refuse } from './problem.ts';

const mapping = z.strictObject({
  address: listenAddress().describe('host:port'),
  tls: z
    .strictObject({
      cert: pem.describe('Certificate of the listener, with those between it and the authority.'),
      key: pem.describe('Its key.'),
      clientCa: pem
        .optional()
        .describe('Authorities that sign certificates of senders, for `verify: { certificate: … }`.'),
    })
    .optional()
    .describe('TLS of the listener. Default: none, for a proxy in front that has it.'),
  maxConnections: z.int().min(1).max(100_000).default(5_000).describe('Most connections; more are closed at once.'),
  maxRequests: z.int().min(1).max(100_000).default(1_000).describe('Most requests in flight; more are answered 503.'),
  maxBytes: byteSize().prefault('64MiB').describe('Most bytes of bodies in flight; more are answered 503.'),
  headersTimeout: duration({ max: '1m' }).prefault('8s').describe('Until the headers of a request are there.'),
  bodyTimeout: duration({ max: '5m' }).prefault('4s').describe('Until its body is there, after that.'),
  trustedProxies: z
    .array(text().refine(isAddressBlock, 'expected an address or a block such as 10.0.0.0/8'))
    .default([])
    .describe('Addresses and CIDR blocks of proxies that are believed when they say for whom they speak.'),
  forwardedHeader: z
    .enum(['x-forwarded-for', 'forwarded'])
    .default('x-forwarded-for')
    .describe('The header in which they say it. They must overwrite it, or add to it.'),
});

function toHooksListen(settings: z.output<typeof mapping>): HooksListen {
  const { address, headersTimeout, bodyTimeout, ...rest } = settings;
  return { ...address, ...rest, headersTimeoutMs: headersTimeout, bodyTimeoutMs: bodyTimeout };
}

/** `host:port`, or a mapping. */
export const hooksListen = z.union([
  listenAddress().transform((address) => toHooksListen({ ...mapping.omit({ address: true }).parse({}), address })),
  mapping.transform(toHooksListen),
]);

/** Where senders reach the listener; without what is no part of a base. */
export const publicUrl = text()
  .refine((value) => isBase(value), 'expected a URL such as https://hooks.example.com, without query or fragment')
  .transform((value) => value.replace(/\/+$/, ''));

function isBase(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, search, hash, username, password } = new URL(value);
  return (protocol === 'https:' || protocol === 'http:') && `${search}${hash}${username}${password}` === '';
}

/** Says of pipelines that take webhooks that there is no listener for them, or that two want the same path. */
export function refuseHooks(
  pipelines: readonly DeclaredPipeline[],
  listen: ConfigNode | undefined,
  hooks: HooksListen | undefined,
  refuse: Refuse,
): void {
  const owners = new Map<string, string>();
  for (const { name, at, upstream } of pipelines) {
    for (const { arrival } of upstream?.feeds ?? []) {
      if (arrival.kind !== 'webhook') continue;
      const { path } = arrival;
      if (hooks === undefined) {
        refuse({
          at: listen === undefined ? at : pointAt(listen),
          code: 'CONFIG_INVALID',
          message: `${name} takes webhooks at ${path}, but listen.hooks is not set: nobody could send any.`,
          hint: 'Write for example listen: { hooks: "0.0.0.0:8080" }.',
        });
      }
      const owner = owners.get(path);
      owners.set(path, name);
      if (owner === undefined) continue;
      refuse({
        at,
        code: 'CONFIG_INVALID',
        message: `${owner} and ${name} both take webhooks at ${path}.`,
        hint: 'Give each pipeline a path of its own.',
      });
    }
  }
}
