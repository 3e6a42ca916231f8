import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contentName } from '../../../src/claims/content-name.ts';
import { hashed } from '../../../src/claims/hashed.ts';
import type { ClaimStore } from '../../../src/core/claims.ts';
import type { FeedDefinition } from '../../../src/core/connector.ts';
import type { Envelope } from '../../../src/core/envelope.ts';
import type { ContentClient } from '../../../src/core/http.ts';
import type { RawRecord } from '../../../src/core/record.ts';
import { downloadStep } from '../../../src/pipeline/download.ts';

/** Gives names to contents, and keeps none. */
const store: ClaimStore = {
  async put(content, mediaType) {
    const measured = hashed(content);
    for await (const _ of measured);
    const { sha256, length } = measured;
    return { ref: `claims/${contentName(sha256, mediaType)}`, sha256, length };
  },
  async [Symbol.asyncDispose]() {},
};

async function* chunksOf(bytes: Uint8Array) {
  yield bytes;
}

/** The event of a record when what it speaks of is fetched: the files `content.body` and `report.pdf` of `folder`. */
export async function contentsOf(folder: string, feed: FeedDefinition, record: RawRecord): Promise<Envelope> {
  const [outcome] = feed.normalise(record, { batchId: undefined, index: 0 });
  if (outcome?.kind !== 'event' || feed.downloads === undefined) throw new Error('nothing is fetched');
  const client: ContentClient = {
    async receive({ path }, take) {
      const isJson = path.endsWith('/json');
      const headers = { 'content-type': isJson ? 'application/json; charset=utf-8' : 'application/pdf' };
      const body = chunksOf(readFileSync(join(folder, isJson ? 'content.body' : 'report.pdf')));
      return { kind: 'taken', taken: await take({ headers, body }) };
    },
  };
  const fetch = () => Promise.reject(new Error('it asks for contents alone'));
  const step = downloadStep(feed.downloads, { client, store });
  const [stepped] = await step.apply(outcome.envelope, { headers: {}, fetch });
  if (stepped?.kind !== 'event') throw new Error('it became no event');
  return stepped.envelope;
}
