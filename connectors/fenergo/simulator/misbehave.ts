import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { type Answer, bytesAnswer, problem, send } from './answer.ts';
import type { Fault } from './faults.ts';

const page = bytesAnswer(
  Buffer.from('<!DOCTYPE html><html><head><title>Sign in</title></head><body>Please sign in.</body></html>\n'),
  'text/html; charset=utf-8',
);

function retryAfter(fault: Extract<Fault, { kind: 'status' }>): Readonly<Record<string, string>> {
  if (fault.retryAfterS === undefined) return {};
  if (fault.retryAfterAs !== 'date') return { 'retry-after': String(fault.retryAfterS) };
  return { 'retry-after': new Date(Date.now() + fault.retryAfterS * 1_000).toUTCString() };
}

/** Breaks the connection when half of the answer is out; at once when it has none. */
function reset(response: ServerResponse, { body, headers }: Answer): void {
  if (body.length === 0) {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(200, { ...headers, 'content-length': body.length });
  response.write(body.subarray(0, body.length >> 1), () => response.socket?.resetAndDestroy());
}

/**
 * Answers as the fault has it; `work` does what the call is for and gives the right answer. Resolves to the status that
 * went out, 0 for none.
 */
export async function misbehave(response: ServerResponse, fault: Fault, work: () => Answer): Promise<number> {
  switch (fault.kind) {
    case 'status': {
      if (fault.worked) work();
      send(response, problem(fault.status, retryAfter(fault)));
      return fault.status;
    }
    case 'hang':
      if (fault.worked) work();
      return 0;
    case 'reset': {
      const reads = (fault.call ?? 'next') === 'next';
      reset(response, reads || fault.worked ? work() : { ...page, body: Buffer.alloc(0) });
      return 0;
    }
    case 'html':
      send(response, page);
      return 200;
    case 'truncate': {
      const answer = work();
      send(response, { ...answer, body: answer.body.subarray(0, answer.body.length >> 1) });
      return answer.status;
    }
    case 'delay':
      await delay(fault.ms, undefined, { ref: false });
      break;
  }
  const answer = work();
  send(response, answer);
  return answer.status;
}
