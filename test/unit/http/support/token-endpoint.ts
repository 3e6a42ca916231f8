import type { IncomingMessage, ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { serveHttp, type TestServer } from './servers.ts';

export interface TokenRequest {
  readonly authorization: string;
  readonly form: URLSearchParams;
}

export interface TokenEndpoint extends TestServer {
  readonly requests: readonly TokenRequest[];
}

export type TokenAnswer = (response: ServerResponse, count: number, request: IncomingMessage) => void;
/** An answer that needs no look at the request. */
export type Grant = (response: ServerResponse, count: number) => void;

/** Gives `token-1`, `token-2`, … unless told otherwise. */
export async function startTokenEndpoint(answer: TokenAnswer = grant({ expires_in: 3600 })): Promise<TokenEndpoint> {
  const requests: TokenRequest[] = [];
  const server = await serveHttp(async (request, response) => {
    const form = new URLSearchParams(await text(request));
    requests.push({ authorization: request.headers.authorization ?? '', form });
    answer(response, requests.length, request);
  });
  return { ...server, requests };
}

export function grant(members: Readonly<Record<string, unknown>>): Grant {
  return (response, count) => json(response, 200, { access_token: `token-${count}`, token_type: 'Bearer', ...members });
}

export function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
