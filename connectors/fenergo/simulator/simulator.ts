import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type FenergoFeed, feedNames } from '../feeds.ts';
import { problem, send } from './answer.ts';
import { handleApi, handleToken, type World } from './api.ts';
import { createControl, createEmptyBell, type SimulatorControl } from './control.ts';
import { controlRoot, handleControl } from './control-api.ts';
import { createEventMaker } from './events.ts';
import { createFaultBox } from './faults.ts';
import { createFeedQueue, type FeedQueue } from './feed-queue.ts';
import { createClock } from './ledger.ts';
import { defaultTenant, type SimulatorOptions } from './options.ts';
import { createRequestLog } from './request-log.ts';
import { createGate } from './tokens.ts';

/** A Fenergo platform on loopback. Disposing of it breaks all its connections. */
export interface Simulator extends SimulatorControl, AsyncDisposable {
  readonly baseUrl: string;
  readonly port: number;
  /** Where access tokens are given out. */
  readonly tokenUrl: string;
}

/** Starts one that listens on 127.0.0.1 only. Rejects with the system's error when the port is taken. */
export async function startFenergoSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const { port = 0, seed = 1, auth = { kind: 'none' }, tenantId = defaultTenant, requestLogSize = 20_000 } = options;
  const clock = createClock();
  const bell = createEmptyBell();
  const queueOf = (feed: FenergoFeed): FeedQueue =>
    createFeedQueue(feed, createEventMaker(feed, seed, tenantId), clock, bell.ring);
  const world: World = {
    queues: Object.fromEntries(feedNames.map((feed) => [feed, queueOf(feed)])) as World['queues'],
    faults: createFaultBox(seed),
    gate: createGate(auth),
    log: createRequestLog(requestLogSize, clock),
    witness: options.witness ?? {},
  };
  const control = createControl(world, bell);
  for (const command of options.fill ?? []) control.fill(command);

  const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
    const path = request.url ?? '';
    const handled = path.startsWith(controlRoot)
      ? handleControl(control, request, response)
      : path === '/token' && request.method === 'POST'
        ? handleToken(world, request, response)
        : handleApi(world, request, response);
    // What fails here is the connection, mostly because the client has gone.
    handled.catch(() => (response.headersSent ? response.destroy() : send(response, problem(500))));
  });
  const opened = Promise.withResolvers<void>();
  server.once('error', opened.reject).listen(port, '127.0.0.1', opened.resolve);
  await opened.promise;
  const address = server.address() as AddressInfo;
  const baseUrl = `http://127.0.0.1:${address.port}`;
  return {
    ...control,
    baseUrl,
    port: address.port,
    tokenUrl: `${baseUrl}/token`,
    async [Symbol.asyncDispose]() {
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      server.closeAllConnections();
      await closed.promise;
    },
  };
}
