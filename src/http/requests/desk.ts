import type { FastifyInstance } from 'fastify';
import type { RequestsListen } from '../../config/configuration.ts';
import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { RequestDesk, RequestTaker } from '../../core/request-desk.ts';
import type { Requests } from '../../core/requests.ts';
import { wait } from '../../pipeline/backoff.ts';
import type { Report } from '../../telemetry/events.ts';
import { createServer, type Listener, listen } from '../listener.ts';
import { createBudget } from '../server/budget.ts';
import { type DeskAnswer, failed } from './answers.ts';
import { compileCallers } from './caller.ts';
import { type Forwarding, forward } from './forward.ts';
import { readTarget } from './safe-target.ts';

export interface RequestListener extends RequestDesk, AsyncDisposable {
  /** Of the listener; undefined while no pipeline has asked for it. */
  readonly address: string | undefined;
  /** Takes nothing more; resolves when what is in flight is answered, or after `graceMs`. */
  drain(graceMs: number): Promise<void>;
}

/** How long a pipeline that is gone is answered 503 instead of 404: a reload closes it for a moment only. */
const retiredMs = 10_000;

function unknown(what: string): DeskAnswer {
  const hint = 'Requests go to /requests/PIPELINE/…, of a pipeline with `from.requests`.';
  return failed(new BridgeError('REQUEST_TARGET_UNKNOWN', what, { hint }), 'no');
}

function closed(why: string): DeskAnswer {
  return failed(new BridgeError('HOOK_CLOSED', `not sent: ${why}`), 'no', { 'retry-after': '5' });
}

/** The listener for requests: opened with the first pipeline that takes some. */
export function createRequestListener(
  settings: RequestsListen,
  store: Pick<Requests, 'add' | 'answered'>,
  report: Report,
): RequestListener {
  const ending = new AbortController();
  const takers = new Map<string, RequestTaker>();
  const retired = new Map<string, number>();
  const open = new Set<Promise<unknown>>();
  let closing = false;
  const judge = compileCallers(settings.token);
  const forwarding: Forwarding = {
    store,
    budget: createBudget({ requests: settings.maxRequests, bytes: settings.maxBytes }),
    maxBodyBytes: settings.maxBodyBytes,
    now: Date.now,
    signal: ending.signal,
  };
  let opening: Promise<Listener> | undefined;
  let listener: Listener | undefined;

  function addRoutes(server: FastifyInstance) {
    server.removeAllContentTypeParsers();
    // The body is read where its limits are known.
    server.addContentTypeParser('*', (_request, _payload, done) => done(null));
    server.all('/*', async ({ raw }, reply) => {
      const { status, headers, body } = await answerTo(raw);
      if (status === 401) reply.header('www-authenticate', 'Bearer');
      if (!raw.complete) reply.header('connection', 'close');
      return reply.code(status).headers(headers).send(body);
    });
    server.setErrorHandler((_error, _request, reply) => {
      const { status, headers, body } = failed(new BridgeError('REQUEST_UNREADABLE', 'not sent: unreadable'), 'no');
      return reply.code(status).headers(headers).send(body);
    });
  }

  async function answerTo(raw: Parameters<typeof forward>[0]): Promise<DeskAnswer> {
    const refusal = judge({ headers: raw.headers, peer: raw.socket.remoteAddress });
    if (refusal !== undefined) return failed(refusal.error, 'no', {}, refusal.status);
    try {
      const target = readTarget(raw.url ?? '');
      if (target === undefined) return unknown('not sent: there is nothing at this path');
      const taker = takers.get(target.pipeline);
      if (closing) return closed('the bridge is being stopped');
      if (taker === undefined) {
        const isRetired = performance.now() - (retired.get(target.pipeline) ?? Number.NEGATIVE_INFINITY) < retiredMs;
        return isRetired
          ? closed(`${target.pipeline} has just been closed`)
          : unknown(`not sent: ${target.pipeline} takes no requests`);
      }
      const forwarded = forward(raw, target.path, taker, forwarding);
      open.add(forwarded);
      return await forwarded.finally(() => open.delete(forwarded));
    } catch (thrown) {
      return failed(toBridgeError(thrown), 'no');
    }
  }

  async function openListener(): Promise<Listener> {
    const server = createServer();
    addRoutes(server);
    const opened = await listen(server, 'requests', settings);
    report({ event: 'listener.opened', listener: 'requests', address: opened.address });
    return opened;
  }

  return {
    get address() {
      return listener?.address;
    },
    async register(taker) {
      opening ??= openListener();
      try {
        listener = await opening;
      } catch (error) {
        opening = undefined;
        throw error;
      }
      takers.set(taker.pipeline, taker);
      return {
        async [Symbol.asyncDispose]() {
          if (takers.get(taker.pipeline) !== taker) return;
          takers.delete(taker.pipeline);
          retired.set(taker.pipeline, performance.now());
        },
      };
    },
    async drain(graceMs) {
      closing = true;
      const late = new AbortController();
      await Promise.race([Promise.all(open), wait(graceMs, late.signal).catch(() => {})]);
      late.abort();
    },
    async [Symbol.asyncDispose]() {
      ending.abort();
      takers.clear();
      await listener?.[Symbol.asyncDispose]();
    },
  };
}
