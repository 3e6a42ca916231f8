import { isIP, isIPv4 } from 'node:net';

/** Whether this is an address, or a CIDR block, of IPv4 or IPv6. */
export function isAddressBlock(written: string): boolean {
  const [address = '', length, ...more] = written.split('/');
  if (more.length > 0 || isIP(address) === 0 || address.includes('%')) return false;
  return length === undefined || (/^(0|[1-9]\d{0,2})$/.test(length) && Number(length) <= (isIPv4(address) ? 32 : 128));
}
