import { BlockList, isIP, isIPv6 } from 'node:net';
import type { Headers } from '../../core/record.ts';

/** The header in which trusted proxies say for whom they speak. */
export const forwardedHeaders = ['x-forwarded-for', 'forwarded'] as const;
export type ForwardedHeader = (typeof forwardedHeaders)[number];

/** Gives the address of the sender, given that of the other end of the connection. */
export type SenderAddress = (peer: string, headers: Headers) => string;

/** An IPv4 address that came over an IPv6 socket is one and the same. */
function plain(address: string): string {
  const [, mapped] = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address) ?? [];
  return mapped ?? address;
}

function family(address: string): 'ipv4' | 'ipv6' {
  return isIPv6(address) ? 'ipv6' : 'ipv4';
}

/** Addresses and CIDR blocks. They have been checked before. */
function blockList(blocks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of blocks) {
    const [address = '', prefix] = block.split('/');
    if (prefix === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(prefix), family(address));
  }
  return list;
}

/** Without port, brackets and quotes; undefined: no address at all, such as `unknown` or an obfuscated name. */
function addressIn(written: string): string | undefined {
  const bare = written.trim().replace(/^"(.*)"$/, '$1');
  const [, bracketed] = /^\[([^\]]+)\](?::\d+)?$/.exec(bare) ?? [];
  const candidate = bracketed ?? (/^[\d.]+:\d+$/.test(bare) ? bare.replace(/:\d+$/, '') : bare);
  return isIP(candidate) === 0 ? undefined : plain(candidate);
}

function hops(header: ForwardedHeader, value: string): readonly (string | undefined)[] {
  const entries = value.split(',');
  if (header === 'x-forwarded-for') return entries.map(addressIn);
  return entries.map((entry) => {
    const [, written] = /(?:^|;)\s*for=("[^"]*"|[^;\s]+)/i.exec(entry.trim()) ?? [];
    return written === undefined ? undefined : addressIn(written);
  });
}

/**
 * From the nearest hop on, proxies are believed as long as they are trusted; the first address that is not is the
 * sender's. What a sender writes into the header itself is never believed.
 */
export function senderAddress(trusted: readonly string[], header: ForwardedHeader): SenderAddress {
  if (trusted.length === 0) return (peer) => plain(peer);
  const list = blockList(trusted);
  const isTrusted = (address: string) => list.check(address, family(address));
  return (peer, headers) => {
    let address = plain(peer);
    const value = headers[header];
    if (value === undefined) return address;
    for (const hop of hops(header, value).toReversed()) {
      if (!isTrusted(address) || hop === undefined) return address;
      address = hop;
    }
    return address;
  };
}
