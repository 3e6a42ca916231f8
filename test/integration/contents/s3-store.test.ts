import { createHash, randomBytes } from 'node:crypto';
import { GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claimsOpener } from '../../../src/claims/open-claims.ts';
import { partBytes } from '../../../src/claims/s3-store.ts';
import { BridgeError } from '../../../src/core/errors.ts';
import { claimStore } from '../../../src/kit/claim-settings.ts';
import { startFauxqs } from '../../support/sqs/fauxqs.ts';

const never = new AbortController().signal;
const region = 'eu-central-1';
const credentials = { accessKeyId: 'ferry', secretAccessKey: 'the-secret-key' };

let resources: AsyncDisposableStack;
let endpoint: string;
let s3: S3Client;
beforeEach(async () => {
  resources = new AsyncDisposableStack();
  endpoint = resources.use(await startFauxqs()).endpoint;
  s3 = new S3Client({ region, endpoint, credentials: { ...credentials }, forcePathStyle: true });
  resources.defer(() => s3.destroy());
  await fetch(`${endpoint}/claims-here`, { method: 'PUT' });
});
afterEach(() => resources.disposeAsync());

async function storeAt(bucket = 'claims-here') {
  const settings = claimStore.parse({ s3: { bucket, region, endpoint, credentials } });
  return claimsOpener('/', resources)(settings);
}

async function* chunksOf(bytes: Buffer, size = 65_536) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

async function objects() {
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'claims-here' }));
  return Contents.map(({ Key }) => Key);
}

async function read(key: string) {
  const { Body, ContentType } = await s3.send(new GetObjectCommand({ Bucket: 'claims-here', Key: key }));
  return { bytes: Buffer.from((await Body?.transformToByteArray()) ?? []), type: ContentType };
}

describe('the store in a bucket', () => {
  it.each([
    ['in one piece', 15],
    ['in one piece, though it is nothing', 0],
    ['by parts', 2 * partBytes + 12_345],
    ['by parts that it fills', 2 * partBytes],
  ])('keeps a content %s, by its SHA-256, once', async (_, length) => {
    const store = await storeAt();
    const content = randomBytes(length);
    const name = `${sha256(content)}.pdf`;
    const claim = { ref: `s3://claims-here/claims/${name}`, sha256: sha256(content), length };
    expect(await store.put(chunksOf(content), 'application/pdf', never)).toEqual(claim);
    expect(await store.put(chunksOf(content, 1_000_003), 'application/pdf', never)).toEqual(claim);
    expect(await objects()).toEqual([`claims/${name}`]);
    const kept = await read(`claims/${name}`);
    expect(kept.type).toBe('application/pdf');
    expect(kept.bytes.equals(content)).toBe(true);
  });

  it.each([100, 3 * partBytes])('leaves nothing of a content that breaks off after %i bytes', async (length) => {
    const store = await storeAt();
    async function* broken() {
      yield* chunksOf(randomBytes(length));
      throw new BridgeError('UPSTREAM_UNREACHABLE', 'broke off');
    }
    await expect(store.put(broken(), 'application/pdf', never)).rejects.toMatchObject({ code: 'UPSTREAM_UNREACHABLE' });
    expect(await objects()).toEqual([]);
  });

  it('says that it cannot be written, which is tried again', async () => {
    const store = await storeAt('no-such-bucket');
    await expect(store.put(chunksOf(randomBytes(10)), '', never)).rejects.toMatchObject({
      code: 'CLAIMS_UNWRITABLE',
      message: 'put at bucket no-such-bucket: NoSuchBucket',
    });
  });

  it('says which package it needs where that is not installed', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' });
    const open = claimsOpener('/', resources, () => Promise.reject(missing));
    const opening = open(claimStore.parse({ s3: { bucket: 'claims-here', region } }));
    await expect(opening).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('@aws-sdk/client-s3'),
      hint: expect.stringContaining('npm install @aws-sdk/client-s3'),
    });
  });
});
