import { BridgeError } from '../../src/core/errors.ts';
import type { Reconcile } from '../../src/core/stream.ts';
import { classifyStatus } from '../../src/kit/classify-status.ts';
import { toEndpoint } from '../../src/kit/endpoint-settings.ts';
import { readField } from '../../src/kit/event-fields.ts';
import { parseExactJson } from '../../src/kit/exact-json.ts';
import type { ReconcileConfig } from './config.ts';

const what = 'the answer of the document API';

/** Asks which documents have changed in a gap. What is found is told as the stream would have told it. */
export function documentsOfGap(settings: ReconcileConfig): Reconcile {
  const { path, items, id, status, within, ...endpoint } = settings;
  return {
    endpoint: toEndpoint(endpoint),
    withinMs: within,
    request: ({ from, to }) => ({
      method: 'GET',
      path: path
        .replaceAll('{from}', encodeURIComponent(from.toISOString()))
        .replaceAll('{to}', encodeURIComponent(to.toISOString())),
      headers: { accept: 'application/json' },
    }),
    read(response) {
      if (response.status !== 200) throw classifyStatus(response, 'the document API');
      const found = items.evaluate(parseExactJson(response.body, what), what);
      if (!Array.isArray(found)) throw new BridgeError('UPSTREAM_ERROR', `${what} has no list at ${items.text}`);
      return found.flatMap((document: unknown) => {
        const documentId = readField(id, document, what);
        const reached = readField(status, document, what);
        if (documentId === undefined || reached === undefined) return [];
        return [Buffer.from(JSON.stringify({ documentId, status: reached }))];
      });
    },
    subject(data) {
      try {
        const { documentId } = JSON.parse(Buffer.from(data).toString());
        return typeof documentId === 'string' ? documentId : undefined;
      } catch {
        return undefined;
      }
    },
  };
}
