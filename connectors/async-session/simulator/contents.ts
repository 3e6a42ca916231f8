import { createHash } from 'node:crypto';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { mix } from '../../fenergo/simulator/mix.ts';

/**
 * What may be wrong with contents. Of one and the same content always: `missing` (404), `huge` (more than anybody wants),
 * `web-page` (the page of a login). Now and then: `slow` (it comes in pieces), `cut` (the connection breaks off in the
 * midst of it), `short` (it ends before the length that was promised), `busy` (503).
 */
export const contentFaults = ['missing', 'huge', 'web-page', 'slow', 'cut', 'short', 'busy'] as const;
export type ContentFault = (typeof contentFaults)[number];
const lasting: readonly ContentFault[] = ['missing', 'huge', 'web-page'];

export type ContentName = 'json' | 'report';

export interface ContentsOptions {
  /** 127.0.0.1, and any free port, by default. */
  readonly host?: string;
  readonly port?: number;
  /** What has to come as a bearer token; absent: nothing. */
  readonly token?: string;
  readonly seed?: number;
  /** 20,000 by default, or so. */
  readonly bytes?: Readonly<Partial<Record<ContentName, number>>>;
  /** How much is sent of what is huge; 64 MiB by default. */
  readonly hugeBytes?: number;
  /** From 0 to 1. */
  readonly faults?: Readonly<Partial<Record<ContentFault, number>>>;
}

export interface SimulatedContents extends AsyncDisposable {
  /** What `download.baseUrl` has to be. */
  readonly url: string;
  /** What a session has made; the same seed gives the same. */
  contentOf(sessionId: string, name: ContentName): Buffer;
  /** What is always wrong with it; undefined: nothing. */
  lastingFault(sessionId: string, name: ContentName): ContentFault | undefined;
  /** How often each content was asked for, by its path. */
  readonly asked: ReadonlyMap<string, number>;
}

const mediaTypes: Readonly<Record<ContentName, string>> = { json: 'application/json', report: 'application/pdf' };

/** What the session API keeps for download, at `/sessions/ID/json` and `/sessions/ID/report`. */
export async function startContents(options: ContentsOptions = {}): Promise<SimulatedContents> {
  const {
    host = '127.0.0.1',
    port = 0,
    token,
    seed = 1,
    bytes = {},
    hugeBytes = 64 * 1024 ** 2,
    faults = {},
  } = options;
  const asked = new Map<string, number>();

  /** From 0 to 1, by what it is about alone. */
  const chance = (...about: readonly string[]) =>
    mix(seed ^ createHash('sha256').update(about.join('/')).digest().readInt32LE()) / 2 ** 32;
  const has = (fault: ContentFault, ...about: readonly string[]) => chance(fault, ...about) < (faults[fault] ?? 0);
  const lastingFault = (sessionId: string, name: ContentName) => lasting.find((fault) => has(fault, sessionId, name));

  function contentOf(sessionId: string, name: ContentName): Buffer {
    const length = bytes[name] ?? 20_000;
    const line = `${createHash('sha256').update(`${seed}/${sessionId}/${name}`).digest('hex')}\n`;
    const filling = line.repeat(Math.ceil(length / line.length)).slice(0, length);
    if (name === 'report') return Buffer.from(`%PDF-1.4\n${filling}%%EOF\n`);
    return Buffer.from(JSON.stringify({ sessionId, text: filling }));
  }

  async function answer(response: ServerResponse, sessionId: string, name: ContentName, attempt: number) {
    const now = (fault: ContentFault) => has(fault, sessionId, name, String(attempt));
    const always = lastingFault(sessionId, name);
    if (always === 'missing') return response.writeHead(404).end('no such session');
    if (always === 'web-page')
      return response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Log in</html>');
    if (now('busy')) return response.writeHead(503, { 'retry-after': '1' }).end();
    const headers = { 'content-type': mediaTypes[name] };
    if (always === 'huge') {
      response.writeHead(200, headers);
      const chunk = Buffer.alloc(65_536, '0');
      for (let sent = 0; sent < hugeBytes && !response.destroyed; sent += chunk.length) await written(response, chunk);
      return response.end();
    }
    const content = contentOf(sessionId, name);
    const half = content.subarray(0, content.length / 2);
    if (now('short')) {
      response.writeHead(200, { ...headers, 'content-length': content.length });
      await written(response, half);
      return response.socket?.end();
    }
    response.writeHead(200, headers);
    if (now('cut')) {
      await written(response, half);
      return response.destroy();
    }
    if (now('slow')) {
      const piece = Math.ceil(content.length / 10);
      for (let at = 0; at < content.length && !response.destroyed; at += piece) {
        await written(response, content.subarray(at, at + piece));
        await sleep(30);
      }
      return response.end();
    }
    return response.end(content);
  }

  const server = createServer((request, response) => {
    const [, sessionId, name] = /^\/sessions\/([^/]+)\/(json|report)$/.exec(request.url ?? '') ?? [];
    request.resume();
    if (token !== undefined && request.headers.authorization !== `Bearer ${token}`) response.writeHead(401).end();
    else if (sessionId === undefined || (name !== 'json' && name !== 'report')) response.writeHead(404).end();
    else {
      const attempt = (asked.get(request.url ?? '') ?? 0) + 1;
      asked.set(request.url ?? '', attempt);
      void answer(response, decodeURIComponent(sessionId), name, attempt);
    }
  });
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject).listen(port, host, resolve);
  await promise;
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    contentOf,
    lastingFault,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** Resolves when there is room for more, or nobody is left to read it. */
function written(response: ServerResponse, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('close', done);
      resolve();
    };
    response.once('close', done).write(chunk, done);
  });
}
