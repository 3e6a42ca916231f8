import type { IncomingHttpHeaders } from 'node:http';
import { BridgeError } from '../../core/errors.ts';
import type { Secret } from '../../core/secret.ts';
import { isLoopback, isLoopbackName } from '../admin-guard.ts';
import { compileSecrets } from '../verify/same-secret.ts';

export interface Caller {
  readonly headers: IncomingHttpHeaders;
  /** The peer's address, as the socket tells it. */
  readonly peer: string | undefined;
}

export interface CallerRefusal {
  readonly status: 401 | 403;
  readonly error: BridgeError;
}

const hint = 'Use the token under listen.requests of the bridge’s configuration.';

function refuse(status: CallerRefusal['status'], message: string): CallerRefusal {
  return { status, error: new BridgeError('CALLER_REFUSED', message, { hint }) };
}

/** With a token, whoever has it may call. Without one only programs on this machine, and no web page through a browser. */
export function compileCallers(token: Secret | undefined): (caller: Caller) => CallerRefusal | undefined {
  if (token === undefined) {
    return ({ headers, peer }) => {
      if (!isLoopback(peer)) return refuse(403, 'without a token only this machine is served');
      if (!isLoopbackName(headers.host)) return refuse(403, 'the Host header names another machine');
      if (headers.origin !== undefined) return refuse(403, 'without a token no web page is served');
      return undefined;
    };
  }
  const isToken = compileSecrets([token]);
  return ({ headers }) => {
    const given = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '')?.[1];
    if (given === undefined) return refuse(401, 'a bearer token is wanted');
    return isToken(given) ? undefined : refuse(401, 'this token is not accepted');
  };
}
