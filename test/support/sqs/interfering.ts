import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One request on its way to a server of the SQS protocol. */
export interface Passing {
  /** As in `SendMessageBatch`. */
  readonly operation: string;
  readonly input: Readonly<Record<string, unknown>>;
  readonly headers: IncomingMessage['headers'];
  /** How many of this operation came before. */
  readonly earlier: number;
}

/** Why one message of a request is not taken. */
export interface EntryFailure {
  readonly Code: string;
  readonly SenderFault: boolean;
}

/**
 * What is done instead of passing it on. `cut`: the connection is reset. `served`: not until the server has had it.
 * `partial`: the messages for which `refuse` gives a failure are left out of what is passed on.
 */
export type Interference =
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly served?: boolean;
      readonly body?: object;
      readonly headers?: Record<string, string>;
    }
  | { readonly kind: 'cut'; readonly served: boolean }
  | { readonly kind: 'partial'; readonly refuse: (entry: Entry) => EntryFailure | undefined };

/** A message of a SendMessageBatch. */
export interface Entry {
  readonly Id: string;
  readonly MessageBody: string;
}

export interface Interfering extends AsyncDisposable {
  readonly endpoint: string;
  readonly requests: readonly Passing[];
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** An error as AWS answers it in the JSON protocol. */
export function refusal(status: number, name: string, message = 'in words', headers = {}): Interference {
  return { kind: 'answer', status, body: { __type: `com.amazonaws.sqs#${name}`, message }, headers };
}

/** Stands before the server at `target`. `interfere` decides about each request: undefined passes it on. */
export async function standBefore(
  target: string,
  interfere: (passing: Passing) => Interference | undefined,
): Promise<Interfering> {
  const requests: Passing[] = [];

  async function pass(request: IncomingMessage, body: string) {
    const { 'content-type': type = '', 'x-amz-target': operation = '', authorization = '' } = request.headers;
    const headers = { 'content-type': type, 'x-amz-target': String(operation), authorization };
    const answer = await fetch(target, { method: 'POST', headers, body });
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  }

  async function passSome(request: IncomingMessage, body: string, refuse: (entry: Entry) => EntryFailure | undefined) {
    const { Entries, ...rest } = JSON.parse(body) as { readonly Entries: readonly Entry[] };
    const refused = Entries.flatMap((entry) => {
      const failure = refuse(entry);
      return failure ? [{ Id: entry.Id, Message: 'in words', ...failure }] : [];
    });
    const left = Entries.filter(({ Id }) => !refused.some((failure) => failure.Id === Id));
    if (left.length === 0) return { status: 200, headers: new Headers(), text: JSON.stringify({ Failed: refused }) };
    const answer = await pass(request, JSON.stringify({ ...rest, Entries: left }));
    if (answer.status !== 200) return answer;
    const { Failed = [], ...others } = JSON.parse(answer.text);
    return { ...answer, text: JSON.stringify({ ...others, Failed: [...Failed, ...refused] }) };
  }

  const server = createServer(async (request, response) => {
    const body = await bodyOf(request);
    const operation = String(request.headers['x-amz-target']).replace(/^.*\./, '');
    const earlier = requests.filter((other) => other.operation === operation).length;
    const passing = { operation, input: JSON.parse(body), headers: request.headers, earlier };
    requests.push(passing);
    const done = interfere(passing);
    if (done?.kind === 'cut') {
      if (done.served) await pass(request, body);
      request.socket.destroy();
    } else if (done?.kind === 'answer') {
      if (done.served) await pass(request, body);
      response.writeHead(done.status, { 'content-type': 'application/x-amz-json-1.0', ...done.headers });
      response.end(JSON.stringify(done.body ?? {}));
    } else {
      const { status, headers, text } = await (done ? passSome(request, body, done.refuse) : pass(request, body));
      const error = headers.get('x-amzn-query-error');
      response.writeHead(status, {
        'content-type': 'application/x-amz-json-1.0',
        ...(error !== null && { 'x-amzn-query-error': error }),
      });
      response.end(text);
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
