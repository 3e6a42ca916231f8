import type { IncomingMessage, ServerResponse } from 'node:http';
import { type StreamServer, type StreamServerOptions, startStreamServer } from '../../sse/simulator/stream-server.ts';

export interface GiniOptions extends Omit<StreamServerOptions, 'path' | 'ids' | 'replay' | 'otherwise'> {
  /** What callers must show. Absent: anything. */
  readonly token?: () => string;
}

export interface GiniSimulator extends StreamServer {
  readonly baseUrl: string;
  /** Of documents, as its API tells them too. */
  tell(documentId: string, status: string): void;
  /** The same, while nobody is told. */
  change(documentId: string, status: string): void;
  /** What its document API was asked. */
  readonly documentRequests: readonly string[];
}

/** A document id as Gini has them: a UUID of version 1. */
export function documentIdOf(number: number): string {
  return `${number.toString(16).padStart(8, '0')}-749f-11e2-bfd6-000000000000`;
}

/** Event `number` of a simulated life: documents are pending, and then at their end. */
export function lifeOf(number: number): { readonly documentId: string; readonly status: string } {
  const document = Math.floor(number / 2);
  const end = document % 7 === 6 ? 'ERROR' : 'COMPLETED';
  return { documentId: documentIdOf(document), status: number % 2 === 0 ? 'PENDING' : end };
}

/** Gini on this machine: no event has an id, and what nobody hears is never told again. */
export async function startGiniSimulator({ token, ...options }: GiniOptions = {}): Promise<GiniSimulator> {
  const documents = new Map<string, { readonly id: string; readonly progress: string; readonly at: number }>();
  const documentRequests: string[] = [];

  function answerDocuments(request: IncomingMessage, response: ServerResponse): boolean {
    const url = new URL(request.url ?? '', 'http://gini');
    if (url.pathname !== '/documents') return false;
    documentRequests.push(request.url ?? '');
    const since = Date.parse(url.searchParams.get('modifiedAfter') ?? '');
    const found = [...documents.values()].filter(({ at }) => Number.isNaN(since) || at >= since);
    response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ documents: found.map(({ id, progress }) => ({ id, progress })) }));
    return true;
  }

  const server = await startStreamServer({
    refusal: { word: 'auth_failed', form: 'text' },
    ...options,
    path: '/events/client',
    ids: false,
    otherwise: answerDocuments,
    ...(token && {
      authorized: ({ authorization, url }) =>
        authorization === `BEARER ${token()}` ||
        new URL(url, 'http://gini').searchParams.get('access_token') === token(),
    }),
  });
  const change = (documentId: string, status: string) => {
    documents.set(documentId, { id: documentId, progress: status, at: Date.now() });
  };
  return withAll(server, {
    baseUrl: server.origin,
    documentRequests,
    change,
    tell(documentId: string, status: string) {
      change(documentId, status);
      server.send(JSON.stringify({ documentId, status }));
    },
  });
}

/** Its getters go on to be asked. */
function withAll<More extends object>(server: StreamServer, more: More): StreamServer & More {
  return Object.defineProperties(server, Object.getOwnPropertyDescriptors(more)) as StreamServer & More;
}
