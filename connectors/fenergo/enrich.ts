import { createEnvelope, type Envelope } from '../../src/core/envelope.ts';
import { BridgeError, toBridgeError } from '../../src/core/errors.ts';
import type { HttpResponse } from '../../src/core/http.ts';
import type { Step, StepContext } from '../../src/core/step.ts';
import { classifyStatus } from '../../src/kit/classify-status.ts';
import { parseJsonRecord } from '../../src/kit/json-record.ts';

const nothing = Buffer.from('null');

/** The resource as upstream answered it, or `null` when there is none (any more). */
function resourceOf(response: HttpResponse, path: string): Uint8Array {
  if (response.status === 204 || response.status === 404 || response.status === 410) return nothing;
  const failure = response.status === 200 ? undefined : classifyStatus(response, path);
  // Not allowed to read this one: no reason to wait, as it would be for the feed itself.
  if (response.status === 403) throw new BridgeError('RESOURCE_REFUSED', failure?.message ?? path);
  if (failure) throw failure;
  parseJsonRecord(response.body, `the resource ${path}`);
  return response.body;
}

/** One slash at the beginning still means below the base URL; the client refuses whatever leads out of it. */
function pathOf(relativeUrl: string): string {
  return relativeUrl.startsWith('/') && !relativeUrl.startsWith('//') ? relativeUrl.slice(1) : relativeUrl;
}

async function fetchResource(relativeUrl: string | undefined, { fetch }: StepContext): Promise<Uint8Array> {
  if (relativeUrl === undefined) return nothing;
  const path = pathOf(relativeUrl);
  try {
    return resourceOf(await fetch({ method: 'GET', path, headers: { accept: 'application/json' } }), path);
  } catch (thrown) {
    const error = toBridgeError(thrown);
    if (error.disposition === 'retryable') throw error;
    if (error.code === 'RESOURCE_REFUSED') throw error;
    // The fault of this one record's resource must not halt the feed.
    throw new BridgeError('RESOURCE_REFUSED', `the resource ${path} cannot be fetched: ${error.message}`, {
      cause: error,
    });
  }
}

function withResource({ attributes, data }: Envelope, resource: Uint8Array): Envelope {
  const bytes = Buffer.concat([
    Buffer.from('{"record":'),
    data.bytes,
    Buffer.from(',"resource":'),
    resource,
    Buffer.from('}'),
  ]);
  return createEnvelope(attributes, { kind: 'json', bytes });
}

/** `enrich: true`: fetches what `relativeUrl` points at, and makes the data `{"record": <verbatim>, "resource": <answer>}`. */
export const enrich: Step = {
  name: 'enrich',
  async apply(envelope, context) {
    const resource = await fetchResource(envelope.attributes.subject, context);
    return [{ kind: 'event', envelope: withResource(envelope, resource) }];
  },
};
