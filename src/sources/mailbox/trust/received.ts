import { BlockList, isIP, isIPv4 } from 'node:net';
import { excerpt } from '../../../kit/excerpt.ts';
import { type HeaderField, withoutComments } from '../header-fields.ts';

/** Without quoted texts; one that does not end takes the rest along. */
function withoutQuotes(value: string): string {
  let out = '';
  let quoted = false;
  for (let at = 0; at < value.length; at++) {
    const character = value.charAt(at);
    if (quoted && character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted) out += character;
  }
  return out;
}

/** The addresses in From, without names and comments. */
function addressesIn(value: string): readonly string[] {
  return withoutQuotes(withoutComments(value))
    .split(',')
    .map((one) => (/<([^<>]*)>\s*$/.exec(one)?.[1] ?? one).trim().toLowerCase())
    .filter((address) => address !== '');
}

/** Undefined where the mail is From one of these addresses, and from nobody else; else what is wrong. */
export function fromAddress(fields: readonly HeaderField[], allowed: readonly string[]): string | undefined {
  const given = fields.filter(({ name }) => name === 'from').map(({ value }) => addressesIn(value));
  const [only = []] = given;
  const [address] = only;
  if (given.length !== 1 || only.length !== 1 || address === undefined) return 'it has not exactly one From address';
  if (allowed.some((one) => one.toLowerCase() === address)) return undefined;
  return `it is from ${excerpt(address)}, who is not on the list`;
}

/**
 * The address of whom a host had a mail from, as it says itself: in the comment behind the name that the other side has
 * given, as Postfix, Exim and Sendmail write it. What the other side says of itself (`helo=`) is left out. Undefined: it
 * does not stand there, or more than one does.
 */
function senderAddress(received: string): string | undefined {
  const comment = /^from\s+[^\s()]+\s*\(([^()]*)\)/i.exec(received)?.[1]?.replaceAll(/\bhelo=\S*/gi, '');
  if (comment === undefined) return undefined;
  const bracketed = [...comment.matchAll(/\[(?:IPv6:)?([^\]\s]*)\]/gi)].map(([, address = '']) => address);
  const found = bracketed.length > 0 ? bracketed : [comment.trim()];
  const [address] = found;
  return found.length === 1 && address !== undefined && isIP(address) !== 0 ? address : undefined;
}

function writtenBy(received: string, host: string): boolean {
  const by = /\sby\s+([^\s;()]+)/i.exec(withoutComments(received))?.[1];
  return by?.toLowerCase() === host.toLowerCase();
}

function listOf(network: readonly string[]): BlockList {
  const list = new BlockList();
  for (const block of network) {
    const [address = '', length] = block.split('/');
    const family = isIPv4(address) ? 'ipv4' : 'ipv6';
    if (length === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(length), family);
  }
  return list;
}

/**
 * Undefined where the host `receivedBy` had the mail from one of these addresses or blocks; else what is wrong. Only the
 * topmost Received that it has written counts: whoever wrote the mail can have put in others below it.
 */
export function cameFrom(
  fields: readonly HeaderField[],
  receivedBy: string,
  network: readonly string[],
): string | undefined {
  const own = fields.find(({ name, value }) => name === 'received' && writtenBy(value, receivedBy));
  if (own === undefined) return `${receivedBy} has not received it`;
  const address = senderAddress(own.value);
  if (address === undefined) return `${receivedBy} does not say from where it had it`;
  if (listOf(network).check(address, isIPv4(address) ? 'ipv4' : 'ipv6')) return undefined;
  return `${receivedBy} had it from ${address}, which is not on the list`;
}
