import { createHash } from 'node:crypto';
import type { ClaimStore } from '../core/claims.ts';
import type { Downloads, WantedContent } from '../core/downloads.ts';
import { createEnvelope } from '../core/envelope.ts';
import { BridgeError, type ErrorCode, toBridgeError } from '../core/errors.ts';
import type { Content, ContentClient } from '../core/http.ts';
import type { Step } from '../core/step.ts';
import { classifyStatus } from '../kit/classify-status.ts';
import { excerpt } from '../kit/excerpt.ts';
import { isJsonType, parseMediaType, takesType } from '../kit/media-type.ts';

/** Each has a connection, and a file or a part of one in memory. */
const atOnce = 4;

/** What is tried again only so long as `retryForMs`: it may be this one content that cannot be given. */
const exhaustible: readonly ErrorCode[] = ['UPSTREAM_ERROR', 'UPSTREAM_TIMEOUT', 'UPSTREAM_UNREACHABLE'];

const never = new AbortController().signal;

export interface DownloadContext {
  readonly client: ContentClient;
  readonly store: ClaimStore;
}

/** Fetches what events speak of, and makes their data `{"record": <verbatim>, "content": [...]}`. */
export function downloadStep(downloads: Downloads, { client, store }: DownloadContext): Step {
  async function fetchContent(wanted: WantedContent, signal: AbortSignal): Promise<Buffer> {
    const { name, path } = wanted;
    const headers = { accept: acceptOf(wanted.mediaTypes) };
    const request = { method: 'GET', path, headers, timeoutMs: downloads.timeoutMs } as const;
    const received = await client.receive(request, (content) => takeContent(wanted, content, store, signal), signal);
    if (received.kind === 'taken') return received.taken;
    const { status } = received.response;
    const { code, message, retryAfterMs } = classifyStatus(received.response, `the content "${name}", ${path}`);
    if (code === 'UPSTREAM_NOT_FOUND') throw new BridgeError('CONTENT_GONE', message);
    if (status === 403) throw new BridgeError('CONTENT_REFUSED', message);
    // Not ready yet, as it seems: another 2xx is no content.
    if (status < 300) throw new BridgeError('UPSTREAM_ERROR', message);
    throw new BridgeError(code, message, retryAfterMs === undefined ? {} : { retryAfterMs });
  }

  return {
    name: 'download',
    atOnce,
    patience: {
      ms: downloads.retryForMs,
      exhausted: (error) =>
        exhaustible.includes(error.code)
          ? new BridgeError('CONTENT_UNAVAILABLE', `given up, ${error.message}`, { cause: error })
          : undefined,
    },
    async apply(envelope, { signal = never }) {
      const contents: Buffer[] = [];
      for (const wanted of downloads.wanted(envelope)) {
        contents.push(await fetchContent(wanted, signal).catch((thrown) => Promise.reject(ofThisOne(thrown, wanted))));
      }
      const list = contents.flatMap((content, at) => (at === 0 ? [content] : [Buffer.from(','), content]));
      const bytes = Buffer.concat([
        Buffer.from('{"record":'),
        envelope.data.bytes,
        Buffer.from(',"content":['),
        ...list,
        Buffer.from(']}'),
      ]);
      return [{ kind: 'event', envelope: createEnvelope(envelope.attributes, { kind: 'json', bytes }) }];
    },
  };
}

/** The fault of one content must not halt the feed. */
function ofThisOne(thrown: unknown, { name }: WantedContent): BridgeError {
  const error = toBridgeError(thrown);
  if (error.disposition !== 'fatal' || error.code === 'INTERNAL') return error;
  return new BridgeError('CONTENT_REFUSED', `the content "${name}" cannot be fetched: ${error.message}`, {
    cause: error,
  });
}

function acceptOf(mediaTypes: readonly string[]): string {
  return mediaTypes.map((type) => (type.startsWith('*') ? '*/*;q=0.1' : type)).join(', ');
}

/** Its entry in the list of contents, as JSON. */
async function takeContent(
  { name, path, mediaTypes, maxBytes, inlineBytes }: WantedContent,
  { headers, body }: Content,
  store: ClaimStore,
  signal: AbortSignal,
): Promise<Buffer> {
  const what = `the content "${name}", ${path}`;
  const type = headers['content-type'] ?? '';
  const mediatype = parseMediaType(type)?.essence ?? '';
  if (!takesType(mediaTypes, mediatype)) {
    throw new BridgeError(
      'CONTENT_TYPE_WRONG',
      `${what}: is of type "${excerpt(type)}", and not ${mediaTypes.join(', ')}`,
    );
  }
  const tooLarge = () => new BridgeError('CONTENT_TOO_LARGE', `${what}: is larger than ${maxBytes} bytes`);
  if (headers['content-encoding'] === undefined && Number(headers['content-length'] ?? 0) > maxBytes) throw tooLarge();
  const chunks = limited(body, maxBytes, tooLarge);
  const { start, whole } = await beginning(chunks, inlineBytes);
  if (!whole) {
    const { sha256, length, ref } = await store.put(rejoined(start, chunks), mediatype, signal);
    return Buffer.from(JSON.stringify({ name, mediatype, length, sha256, ref }));
  }
  const bytes = Buffer.concat(start);
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  const entry = { name, mediatype, length: bytes.length, sha256 };
  if (!isJsonType(mediatype)) return Buffer.from(JSON.stringify({ ...entry, data_base64: bytes.toString('base64') }));
  requireJson(bytes, what);
  const head = JSON.stringify(entry).slice(0, -1);
  return Buffer.concat([Buffer.from(`${head},"data":`), bytes, Buffer.from('}')]);
}

/** By the bytes that come, whatever the headers say. */
async function* limited(body: AsyncIterable<Uint8Array>, maxBytes: number, tooLarge: () => BridgeError) {
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > maxBytes) throw tooLarge();
    yield chunk;
  }
}

/** The first chunks: all of them where they have `most` bytes at most, which 0 never allows. */
async function beginning(chunks: AsyncIterator<Uint8Array>, most: number) {
  const start: Uint8Array[] = [];
  let length = 0;
  while (length <= most && most > 0) {
    const { done, value } = await chunks.next();
    if (done) return { start, whole: true };
    start.push(value);
    length += value.length;
  }
  return { start, whole: false };
}

async function* rejoined(start: readonly Uint8Array[], rest: AsyncIterable<Uint8Array>) {
  yield* start;
  yield* rest;
}

function requireJson(bytes: Uint8Array, what: string): void {
  try {
    JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    // The engine's own words quote the content.
    throw new BridgeError('CONTENT_MALFORMED', `${what}: is not JSON in UTF-8`);
  }
}
