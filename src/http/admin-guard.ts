import { hash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { BridgeError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';

export interface Caller {
  readonly method: string;
  readonly headers: IncomingHttpHeaders;
  /** The peer's address, as the socket tells it. */
  readonly peer: string | undefined;
}

export interface Refusal {
  readonly status: 401 | 403 | 415;
  readonly error: BridgeError;
}

function refuse(status: Refusal['status'], message: string, hint: string): Refusal {
  return { status, error: new BridgeError('ADMIN_REFUSED', message, { hint }) };
}

export function isLoopback(peer: string | undefined): boolean {
  return peer !== undefined && (peer === '::1' || /^(::ffff:)?127\./.test(peer));
}

/** The name that a browser was told: one of ours only if nobody has bent DNS towards us. */
export function isLoopbackName(host: string | undefined): boolean {
  return host !== undefined && /^(localhost|127\.0\.0\.1|\[::1\])(:\d{1,5})?$/i.test(host);
}

/** Equal digests instead of equal texts: the time taken tells neither length nor content. */
function sameToken(given: string, expected: Secret): boolean {
  return timingSafeEqual(hash('sha256', given, 'buffer'), hash('sha256', expected.reveal(), 'buffer'));
}

function judgeToken(authorization: string | undefined, token: Secret): Refusal | undefined {
  const given = /^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1];
  if (given !== undefined && sameToken(given, token)) return undefined;
  const what = given === undefined ? 'wants a bearer token' : 'does not accept this token';
  return refuse(401, `the admin listener ${what}`, 'Use the token under listen.admin of the daemon’s configuration.');
}

/** Without a token nobody but a program on this machine may call, and no web page through a browser on it. */
function judgeLocality({ headers, peer }: Caller): Refusal | undefined {
  if (!isLoopback(peer)) {
    return refuse(
      403,
      'without a token the admin listener serves this machine only',
      'Set a token under listen.admin.',
    );
  }
  if (!isLoopbackName(headers.host)) {
    return refuse(403, 'the Host header names another machine', 'Call it as 127.0.0.1 or localhost, or set a token.');
  }
  if (headers.origin !== undefined) {
    return refuse(403, 'without a token the admin listener serves no web pages', 'Set a token under listen.admin.');
  }
  return undefined;
}

/** Whether a request may be served at all; undefined: it may. With `token`, whoever has it may call from anywhere. */
export function judgeCaller(caller: Caller, token: Secret | undefined): Refusal | undefined {
  const refusal = token === undefined ? judgeLocality(caller) : judgeToken(caller.headers.authorization, token);
  if (refusal !== undefined) return refusal;
  const isRead = caller.method === 'GET' || caller.method === 'HEAD';
  if (!isRead && !/^application\/json\s*(;|$)/i.test(caller.headers['content-type'] ?? '')) {
    return refuse(
      415,
      'the admin listener takes application/json only',
      'Send the header content-type: application/json.',
    );
  }
  return undefined;
}
