import { BridgeError } from '../../src/core/errors.ts';
import type { HttpResponse } from '../../src/core/http.ts';
import type { PolledBatch } from '../../src/core/poll-protocol.ts';
import type { Headers } from '../../src/core/record.ts';
import { excerpt } from '../../src/kit/excerpt.ts';
import { type JsonSlice, sliceObject } from '../../src/kit/json-slices.ts';
import { tenantHeader } from './tenant.ts';

function textOf(body: Uint8Array, slice: JsonSlice): string {
  return Buffer.from(body.buffer, body.byteOffset + slice.start, slice.end - slice.start).toString();
}

/** The text of a JSON string or, in upstream's own spelling, of a number; undefined for anything else. */
function scalarText(json: string): string | undefined {
  if (json.startsWith('"')) return JSON.parse(json) as string;
  return /^[-\d]/.test(json) ? json : undefined;
}

/** Whether it can stand in a URL as a path segment, once encoded. */
export function isUsableBatchId(id: string | undefined): id is string {
  return id !== undefined && id !== '' && id !== '.' && id !== '..' && id.isWellFormed() && !id.includes('\ufffd');
}

function malformed(what: string, { status, body, headers }: HttpResponse, problem: string): BridgeError {
  const message = `${what}: answered ${status} with ${body.length} bytes that are no batch: ${problem}`;
  const start = excerpt(body);
  if (!start.startsWith('<')) return new BridgeError('BATCH_MALFORMED', message);
  // Of data nothing is quoted: it may hold what people should not see in a log.
  const quoted = headers['content-type']?.startsWith('text/html') ? `; it begins with ${start}` : '';
  return new BridgeError('BATCH_MALFORMED', message + quoted, {
    hint: 'It looks like a web page: check baseUrl, and whether a proxy or a login stands in between.',
  });
}

/** Reads an answer to `next`. Each record keeps its own bytes. Throws BATCH_MALFORMED when it is no batch as a whole. */
export function readBatch(response: HttpResponse, what: string): PolledBatch {
  const { body, receivedAt } = response;
  const slices = sliceObject(body, 'notifications');
  if (slices.kind === 'not-json') throw malformed(what, response, `no JSON from byte ${slices.at} on`);
  if (slices.kind === 'not-object') throw malformed(what, response, 'not a JSON object');
  const member = (name: string): string | undefined => {
    const slice = slices.members.get(name);
    return slice && textOf(body, slice);
  };
  const upstreamId = scalarText(member('batchId') ?? '');
  if (!isUsableBatchId(upstreamId)) throw malformed(what, response, 'no usable batchId');
  if (slices.elements === undefined) throw malformed(what, response, 'notifications is not an array');
  const tenant = scalarText(member('tenantId') ?? '');
  const headers: Headers = tenant ? { [tenantHeader]: tenant } : {};
  const records = slices.elements.map(({ start, end }) => ({
    bytes: body.subarray(start, end),
    mediaType: 'application/json',
    headers,
    receivedAt,
  }));
  return { upstreamId, records, more: member('moreAvailable') === 'true' };
}
