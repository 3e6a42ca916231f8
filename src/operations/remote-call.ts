import { Agent, request } from 'undici';
import { z } from 'zod';
import type { ListenAddress } from '../config/configuration.ts';
import { BridgeError } from '../core/errors.ts';
import type { Secret } from '../core/secret.ts';
import { errorOutput } from '../http/admin-wire.ts';
import { hostAndPort } from '../http/host-and-port.ts';

export interface RemoteOptions {
  /** Of the daemon's admin listener. */
  readonly address: ListenAddress;
  readonly token?: Secret | undefined;
  /** Ends what is under way with STOPPING. */
  readonly signal: AbortSignal;
}

export interface RemoteRequest {
  readonly method: 'GET' | 'POST';
  /** Below `/api/v1/`. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | undefined>>;
  readonly body?: unknown;
  /** Milliseconds until the answer must have come. */
  readonly timeoutMs: number;
}

/** The address to call: a daemon that listens everywhere is reached here. */
function callable({ host, port }: ListenAddress): string {
  const unspecified: Readonly<Record<string, string>> = { '0.0.0.0': '127.0.0.1', '::': '::1' };
  return hostAndPort(unspecified[host] ?? host, port);
}

function urlOf({ address }: RemoteOptions, { path, query = {} }: RemoteRequest): URL {
  const url = new URL(`http://${callable(address)}/api/v1/${path}`);
  for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
  return url;
}

function unreachable(options: RemoteOptions, because: string, cause?: unknown): BridgeError {
  const message = `the admin listener at ${callable(options.address)} ${because}`;
  return new BridgeError('ADMIN_UNREACHABLE', message, { cause });
}

async function exchange(options: RemoteOptions, call: RemoteRequest): Promise<{ status: number; text: string }> {
  const { timeoutMs } = call;
  const dispatcher = new Agent({ connect: { timeout: 5_000 }, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
  const signal = AbortSignal.any([options.signal, AbortSignal.timeout(timeoutMs)]);
  try {
    const { statusCode, body } = await request(urlOf(options, call), {
      dispatcher,
      signal,
      method: call.method,
      headers: {
        ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token.reveal()}` }),
        ...(call.body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(call.body === undefined ? {} : { body: JSON.stringify(call.body) }),
    });
    return { status: statusCode, text: await body.text() };
  } catch (error) {
    if (options.signal.aborted) throw new BridgeError('STOPPING', 'stopped while waiting for the daemon');
    if (signal.aborted) throw unreachable(options, `did not answer within ${timeoutMs / 1_000} s`);
    throw unreachable(options, 'does not answer', error);
  } finally {
    await dispatcher.destroy();
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Sends one request and reads the answer; an error of the daemon's comes back as the BridgeError that it is there. */
export async function callRemote<Output>(
  options: RemoteOptions,
  call: RemoteRequest,
  output: z.ZodType<Output>,
): Promise<Output> {
  const { status, text } = await exchange(options, call);
  const body = parsed(text);
  const failure = errorOutput.safeParse(body);
  if (failure.success) {
    const { code, message, hint } = failure.data.error;
    throw new BridgeError(code, message, hint === undefined ? {} : { hint });
  }
  const answer = z.safeDecode(output, body as z.input<typeof output>);
  if (status === 200 && answer.success) return answer.data;
  throw unreachable(options, `gives an answer of status ${status} that is not feedferry's of this version`);
}
