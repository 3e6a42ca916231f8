import type { IncomingMessage } from 'node:http';
import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';
import type { HooksListen } from '../../config/configuration.ts';
import { BridgeError } from '../../core/errors.ts';
import type { Hooks } from '../../core/hook.ts';
import type { Report } from '../../telemetry/events.ts';
import { type Listener, listen } from '../listener.ts';
import { type Answer, errorAnswer } from './answers.ts';
import { createBudget } from './budget.ts';
import { flatHeaders } from './flat-headers.ts';
import { type OpenHook, openHook } from './open-hook.ts';
import { createPaths } from './paths.ts';
import { createRefusalCounts } from './refusal-counts.ts';
import { requestIdOf } from './request-marks.ts';
import { senderAddress } from './sender-address.ts';
import { takeRequest } from './take-request.ts';

/** Longer than load balancers keep a connection that nothing goes over, so that they are the ones to close it. */
const keepAliveMs = 75_000;

/** How often it is looked for requests that take too long to arrive. */
const lookEveryMs = 1_000;

/** What strangers may make of a connection before anything is known of them. */
const handshakeMs = 10_000;

export interface HooksListener extends Hooks, AsyncDisposable {
  /** Of the listener; undefined while no path is open. */
  readonly address: string | undefined;
}

function createHooksServer(settings: HooksListen): FastifyInstance {
  const { tls, headersTimeoutMs, bodyTimeoutMs } = settings;
  const http = {
    headersTimeout: headersTimeoutMs,
    connectionsCheckingInterval: lookEveryMs,
    // A request that is sent twice in one, or is told apart in two ways, is none.
    requireHostHeader: true,
    insecureHTTPParser: false,
  };
  const options = {
    logger: false,
    requestTimeout: headersTimeoutMs + bodyTimeoutMs,
    keepAliveTimeout: keepAliveMs,
    forceCloseConnections: true,
    exposeHeadRoutes: false,
    return503OnClosing: false,
    routerOptions: { maxParamLength: 8 * 1024 },
  } as const;
  const server = (
    tls === undefined
      ? fastify({ ...options, http })
      : fastify({
          ...options,
          https: {
            ...http,
            cert: tls.cert.reveal(),
            key: tls.key.reveal(),
            handshakeTimeout: handshakeMs,
            minVersion: 'TLSv1.2',
            // Whether a certificate is needed is for each pipeline to say.
            ...(tls.clientCa && { ca: tls.clientCa.reveal(), requestCert: true, rejectUnauthorized: false }),
          },
        })
  ) as FastifyInstance;
  server.server.maxConnections = settings.maxConnections;
  server.removeAllContentTypeParsers();
  // The body is read where its limits are known.
  server.addContentTypeParser('*', (_request, _payload, done) => done(null));
  return server;
}

/** What is left of a body that is not wanted ends with its connection, unless it costs less to read than another one. */
function isShort({ headers }: IncomingMessage): boolean {
  const announced = headers['content-length'];
  return announced === undefined ? headers['transfer-encoding'] === undefined : Number(announced) <= 64 * 1024;
}

function pathOf({ url = '/' }: IncomingMessage): string {
  const end = url.search(/[?#]/);
  return end === -1 ? url : url.slice(0, end);
}

/** The listener for webhooks: open while a path is registered. */
export function createHooksListener(settings: HooksListen, report: Report): HooksListener {
  const budget = createBudget({ requests: settings.maxRequests, bytes: settings.maxBytes });
  const counts = createRefusalCounts(report);
  const taking = {
    budget,
    senderAddress: senderAddress(settings.trustedProxies, settings.forwardedHeader),
    refused: ({ feed }: OpenHook, refusal: { status: number; error: BridgeError; from: string }) =>
      counts.count({ subject: feed, ...refusal }),
  };
  const paths = createPaths(() => void inTurn(closeWhenEmpty));
  let listener: Listener | undefined;
  let last: Promise<unknown> = Promise.resolve();

  /** Opening and closing never overlap. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const acting = last.then(act);
    last = acting.catch(() => {});
    return acting;
  }

  async function open() {
    if (listener !== undefined) return;
    const server = createHooksServer(settings);
    server.all('/*', handle);
    server.setNotFoundHandler(handle);
    server.setErrorHandler((_error, request, reply) =>
      send(reply, request, errorAnswer(new BridgeError('REQUEST_UNREADABLE', 'the request is none'))),
    );
    listener = await listen(server, 'hooks', settings);
    report({ event: 'listener.opened', listener: 'hooks', address: listener.address });
  }

  async function closeWhenEmpty() {
    if (paths.size > 0) return;
    const closing = listener;
    listener = undefined;
    await closing?.[Symbol.asyncDispose]();
  }

  function refuseUnknown({ raw }: FastifyRequest, error: BridgeError): Answer {
    const answer = errorAnswer(error);
    const from = taking.senderAddress(raw.socket.remoteAddress ?? '', flatHeaders(raw.headers));
    counts.count({ subject: 'hooks', status: answer.status, error, from });
    return answer;
  }

  function answerTo(request: FastifyRequest): Answer | Promise<Answer> {
    const hook = paths.find(pathOf(request.raw));
    if (hook === undefined) return refuseUnknown(request, new BridgeError('HOOK_UNKNOWN', 'no pipeline has the path'));
    if (hook === 'retired')
      return refuseUnknown(request, new BridgeError('HOOK_CLOSED', 'the path has just been closed'));
    return takeRequest(request.raw, hook, taking);
  }

  async function handle(request: FastifyRequest, reply: FastifyReply) {
    return send(reply, request, await answerTo(request));
  }

  function send(reply: FastifyReply, { raw }: FastifyRequest, { status, headers, body }: Answer) {
    reply.code(status).headers(headers).header('x-request-id', requestIdOf(raw.headers));
    if (!raw.complete && (status === 413 || !isShort(raw))) reply.header('connection', 'close');
    return reply.send(body);
  }

  return {
    bound: { batches: settings.maxRequests, bytes: settings.maxBytes },
    get address() {
      return listener?.address;
    },
    register(registered) {
      return inTurn(async () => {
        const hook = openHook(registered);
        if (!paths.add(hook)) {
          throw new BridgeError('CONFIG_INVALID', `${hook.arrival.path} is the path of another pipeline already`);
        }
        try {
          await open();
        } catch (error) {
          paths.remove(hook);
          throw error;
        }
        return {
          async [Symbol.asyncDispose]() {
            paths.remove(hook);
          },
        };
      });
    },
    async [Symbol.asyncDispose]() {
      paths.clear();
      counts[Symbol.dispose]();
      await inTurn(closeWhenEmpty);
    },
  };
}
