import type { ServerResponse } from 'node:http';

export interface Answer {
  readonly status: number;
  readonly body: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

const titles: Readonly<Record<number, string>> = {
  400: 'Bad Request',
  401: 'Unauthorized',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

const nothing = Buffer.alloc(0);
let traces = 0;

export const noContent: Answer = { status: 204, body: nothing, headers: {} };
export const done: Answer = { status: 200, body: nothing, headers: {} };

export function bytesAnswer(body: Buffer, contentType = 'application/json; charset=utf-8'): Answer {
  return { status: 200, body, headers: { 'content-type': contentType } };
}

export function jsonAnswer(status: number, value: unknown): Answer {
  return { ...bytesAnswer(Buffer.from(JSON.stringify(value))), status };
}

/** The platform's way to say what went wrong. */
export function problem(status: number, headers: Readonly<Record<string, string>> = {}): Answer {
  traces += 1;
  const trace = traces.toString(16);
  const body = {
    type: `https://httpstatuses.io/${status}`,
    title: titles[status] ?? 'Error',
    status,
    traceId: `00-${trace.padStart(32, '0')}-${trace.padStart(16, '0')}-00`,
  };
  const contentType = { 'content-type': 'application/problem+json; charset=utf-8' };
  return { status, body: Buffer.from(JSON.stringify(body)), headers: { ...contentType, ...headers } };
}

export function send(response: ServerResponse, { status, body, headers }: Answer): void {
  response.writeHead(status, status === 204 ? headers : { ...headers, 'content-length': body.length });
  response.end(body);
}
