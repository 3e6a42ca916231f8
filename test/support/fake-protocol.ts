import { BridgeError } from '../../src/core/errors.ts';
import type { HttpResponse } from '../../src/core/http.ts';
import type { NextAnswer, PolledBatch, PollProtocol } from '../../src/core/poll-protocol.ts';
import { classifyStatus } from '../../src/kit/classify-status.ts';
import type { Page } from './fake-upstream.ts';
import { sampleRecord } from './sample-events.ts';

function readBatch({ body, receivedAt }: HttpResponse): PolledBatch {
  try {
    const { id, records, more } = JSON.parse(Buffer.from(body).toString()) as Page;
    return { upstreamId: id, records: records.map((text) => ({ ...sampleRecord(text), receivedAt })), more };
  } catch {
    throw new BridgeError('BATCH_MALFORMED', 'next: answered no batch');
  }
}

function readNext(response: HttpResponse): NextAnswer {
  if (response.status === 204) return { kind: 'empty' };
  if (response.status !== 200) throw classifyStatus(response, 'next');
  return { kind: 'batch', batch: readBatch(response) };
}

/** A batch is handed out until it is completed. */
export const fakeProtocol: PollProtocol = {
  next: () => ({ method: 'GET', path: 'next' }),
  readNext,
  complete: {
    request: (id) => ({ method: 'POST', path: `complete/${id}` }),
    read(response) {
      if (response.status === 200) return 'completed';
      if (response.status === 404) return 'refused';
      throw classifyStatus(response, 'complete');
    },
    salvageId: () => undefined,
  },
};

/** Read by cursor: the position is that of the last record, and nothing is called when a batch is safe. */
export const cursorProtocol: PollProtocol = {
  next: ({ position }) => ({ method: 'GET', path: `next/${position ?? 'start'}` }),
  readNext(response) {
    const answer = readNext(response);
    if (answer.kind === 'empty') return answer;
    const { upstreamId = '', records, more } = answer.batch;
    return { kind: 'batch', batch: { position: upstreamId, records, more } };
  },
};
