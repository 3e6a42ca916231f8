import type { Dispatcher } from 'undici';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { HttpResponse } from '../core/http.ts';
import type { Headers } from '../core/record.ts';
import type { StreamAnswer, StreamArrival, StreamClient } from '../core/stream.ts';
import type { Token } from './auth/token-cache.ts';
import { createTokenSource } from './auth/token-source.ts';
import { parseBase, targetBelow } from './base-path.ts';
import { openChannel } from './channel.ts';
import { classifyFailure } from './classify-failure.ts';
import type { HttpClientContext } from './client-context.ts';
import { fixedHeaders } from './fixed-headers.ts';
import { createMask, secretsOf } from './mask-secrets.ts';

/** So much of an answer that is no event stream is looked at, and so long. */
const headBytes = 4_096;
const headMs = 5_000;

/** What cannot stand in a header. */
const unsendable = /[^\t\x20-\x7e\x80-\xff]/;

/** Throws CONFIG_INVALID for TLS or proxy settings that cannot be used. Opens its first socket with the first `open`. */
export function createStreamClient(arrival: StreamArrival, context: HttpClientContext): StreamClient {
  const { endpoint, tokenPlace } = arrival;
  const { auth, timeouts } = endpoint;
  const base = parseBase(endpoint.baseUrl);
  const { proxy } = context;
  const channel = openChannel(base.origin, { endpoint, proxy, maxBytes: headBytes, trust: 'given' });
  const tokens = auth.kind === 'oauth2' ? createTokenSource(endpoint, auth, context) : undefined;
  const own = auth.kind === 'bearer' ? { ...endpoint, auth: { kind: 'none' } as const } : endpoint;
  const { defaults, settings } = fixedHeaders(own);
  const target = targetBelow(base, arrival.path);
  const secrets = secretsOf(endpoint);
  let shown: Token | undefined;

  function requestOf(token: string | undefined, lastEventId: string | undefined): { path: string; headers: Headers } {
    // One character for each byte, as headers have them.
    const id = Buffer.from(lastEventId ?? '').toString('latin1');
    const asked: Headers = {
      ...defaults,
      accept: 'text/event-stream',
      'cache-control': 'no-store',
      ...(id !== '' && !unsendable.test(id) && { 'last-event-id': id }),
      ...settings,
    };
    if (token === undefined) return { path: target, headers: asked };
    if (tokenPlace.kind === 'header') {
      return { path: target, headers: { ...asked, authorization: `${tokenPlace.scheme} ${token}` } };
    }
    const { parameter } = tokenPlace;
    const query = `${encodeURIComponent(parameter)}=${encodeURIComponent(token)}`;
    return { path: `${target}${target.includes('?') ? '&' : '?'}${query}`, headers: asked };
  }

  async function tokenFor(signal: AbortSignal): Promise<string | undefined> {
    if (auth.kind === 'bearer') return auth.token.reveal();
    shown = await tokens?.get(signal);
    return shown?.value;
  }

  // Without its query, which may have a token.
  const what = `GET ${base.origin}${target.split('?')[0] ?? ''}`;

  return {
    async open(lastEventId, signal) {
      const token = await tokenFor(signal);
      const ending = new AbortController();
      const end = () => ending.abort(new BridgeError('STOPPING', `${what}: given up, the bridge is being stopped`));
      signal.addEventListener('abort', end, { once: true });
      ending.signal.addEventListener('abort', () => signal.removeEventListener('abort', end), { once: true });
      if (signal.aborted) end();
      const waitMs = timeouts.connect + timeouts.headers;
      const late = new BridgeError('UPSTREAM_TIMEOUT', `${what}: no answer within ${waitMs} ms`);
      const timer = setTimeout(() => ending.abort(late), waitMs);
      const wrong = (error: unknown) =>
        ending.signal.aborted ? toBridgeError(ending.signal.reason) : classifyFailure(error, what, false);
      try {
        const { path, headers } = requestOf(token, lastEventId);
        const response = await channel.dispatcher.request({
          origin: base.origin,
          path,
          method: 'GET',
          headers: { ...headers },
          signal: ending.signal,
        });
        return answerOf(response, createMask(token === undefined ? secrets : [...secrets, token]), ending, wrong);
      } catch (error) {
        const failure = wrong(error);
        ending.abort();
        throw failure;
      } finally {
        clearTimeout(timer);
      }
    },
    renew() {
      if (tokens === undefined || shown === undefined) return false;
      tokens.drop(shown);
      return true;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([tokens?.[Symbol.asyncDispose](), channel.dispatcher.destroy()]);
    },
  };
}

function answerOf(
  { statusCode, headers, body }: Dispatcher.ResponseData,
  mask: (response: HttpResponse) => HttpResponse,
  ending: AbortController,
  wrong: (error: unknown) => BridgeError,
): StreamAnswer {
  const flat = Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : (value ?? '')]),
  );

  // Those who read it hear of it; where nobody does, it is nobody's business.
  body.on('error', () => {});

  async function* chunks(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) yield chunk as Buffer;
    } catch (error) {
      throw wrong(error);
    } finally {
      ending.abort();
    }
  }

  return {
    status: statusCode,
    headers: flat,
    chunks: chunks(),
    async head() {
      const gathered: Buffer[] = [];
      let length = 0;
      const timer = setTimeout(() => ending.abort(), headMs);
      try {
        for await (const chunk of body) {
          gathered.push(chunk as Buffer);
          length += (chunk as Buffer).length;
          if (length >= headBytes) break;
        }
      } catch {
        // What came before it broke off says enough.
      } finally {
        clearTimeout(timer);
        ending.abort();
      }
      const bytes = Buffer.concat(gathered).subarray(0, headBytes);
      return mask({ status: statusCode, headers: flat, body: bytes, receivedAt: new Date() });
    },
    abort: (error) => ending.abort(error),
  };
}
