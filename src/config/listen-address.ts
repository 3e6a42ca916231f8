import { isIP, isIPv4, isIPv6 } from 'node:net';
import { z } from 'zod';
import { text } from '../kit/scalars.ts';
import type { ListenAddress } from './configuration.ts';

const hostName = /^(?=.{1,253}$)[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*$/;

/** `host:port`, an IPv6 address in brackets; undefined when it is neither. */
export function parseListenAddress(written: string): ListenAddress | undefined {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(written);
  const [, bracketed, bare, digits] = match ?? [];
  const port = Number(digits);
  if (digits === undefined || port > 65_535) return undefined;
  if (bracketed !== undefined) return isIPv6(bracketed) ? { host: bracketed, port } : undefined;
  if (bare === undefined) return undefined;
  // Digits and dots alone are an IPv4 address or a slip, never a name.
  const isHost = /^[\d.]+$/.test(bare) ? isIPv4(bare) : hostName.test(bare);
  return isHost ? { host: bare, port } : undefined;
}

/** Whether only this machine can reach it. */
export function isLoopback(host: string): boolean {
  if (isIP(host) === 0) return host.toLowerCase() === 'localhost';
  return host.startsWith('127.') || host === '::1' || /^::ffff:127\./i.test(host);
}

/** The setting. Port 0 lets the system choose. */
export function listenAddress(): z.ZodType<ListenAddress, string> {
  return text().transform((written, context): ListenAddress => {
    const address = parseListenAddress(written);
    if (address !== undefined) return address;
    const message = 'expected host:port such as 127.0.0.1:9090, 0.0.0.0:9090 or [::1]:9090';
    context.addIssue({ code: 'custom', message });
    return z.NEVER;
  });
}
