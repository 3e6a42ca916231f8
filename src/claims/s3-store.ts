import { randomUUID } from 'node:crypto';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import type { Claim, ClaimStore, S3Claims } from '../core/claims.ts';
import { BridgeError } from '../core/errors.ts';
import { contentName } from './content-name.ts';
import { hashed } from './hashed.ts';
import { partsOf } from './parts.ts';

/** What fits in is sent in one piece; of what does not, one part at a time is in memory. S3 wants 5 MiB at least. */
export const partBytes = 8 * 1024 ** 2;

/** S3 copies no more in one piece. */
const mostBytes = 5 * 1024 ** 3;

/** It would print to the console. */
const silent = { debug() {}, info() {}, warn() {}, error() {} };

type Settings = Omit<S3Claims, 'kind'>;

function clientOf({ region, endpoint, credentials }: Settings): S3Client {
  return new S3Client({
    region,
    logger: silent,
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    ...(credentials && {
      credentials: {
        accessKeyId: credentials.accessKeyId,
        secretAccessKey: credentials.secretAccessKey.reveal(),
        ...(credentials.sessionToken && { sessionToken: credentials.sessionToken.reveal() }),
      },
    }),
  });
}

/** Whatever the library rejects with, as an error of the store. */
async function askedOf<T>(bucket: string, what: string, answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (thrown) {
    const name = thrown instanceof Error ? thrown.name : 'an unknown failure';
    throw new BridgeError('CLAIMS_UNWRITABLE', `${what} at bucket ${bucket}: ${name}`, {
      cause: new Error(thrown instanceof Error ? thrown.message : String(thrown)),
    });
  }
}

/**
 * Begins an upload and gives it up: that wants the rights that contents want, and leaves nothing in the bucket. Rejects
 * with CLAIMS_UNWRITABLE.
 */
export async function checkS3Store(settings: Settings, abortSignal: AbortSignal): Promise<void> {
  const { bucket, prefix } = settings;
  const s3 = clientOf(settings);
  try {
    const target = { Bucket: bucket, Key: `${prefix}incoming/${randomUUID()}` };
    const begun = s3.send(new CreateMultipartUploadCommand(target), { abortSignal });
    const { UploadId } = await askedOf(bucket, 'upload', begun);
    const given = s3.send(new AbortMultipartUploadCommand({ ...target, UploadId }), { abortSignal });
    await askedOf(bucket, 'give up an upload', given);
  } finally {
    s3.destroy();
  }
}

/**
 * Contents as the objects `PREFIX` + name of a bucket. What is larger than a part is uploaded by parts to a name of its
 * own, as its right one is not known before its end, and copied then. S3 shows no object before it is whole. The same
 * content again makes its object young again, for lifecycle rules.
 */
export function openS3Store(settings: Settings): ClaimStore {
  const { bucket, prefix } = settings;
  const s3 = clientOf(settings);
  const asked = <T>(what: string, answer: Promise<T>) => askedOf(bucket, what, answer);

  async function uploadParts(parts: AsyncIterable<Buffer>, first: Buffer, key: string, abortSignal: AbortSignal) {
    const target = { Bucket: bucket, Key: key };
    const begun = await asked('upload', s3.send(new CreateMultipartUploadCommand(target), { abortSignal }));
    const upload = { ...target, UploadId: begun.UploadId };
    const done: { PartNumber: number; ETag: string | undefined }[] = [];
    const send = async (Body: Buffer) => {
      const PartNumber = done.length + 1;
      const part = new UploadPartCommand({ ...upload, PartNumber, Body });
      const { ETag } = await asked('upload', s3.send(part, { abortSignal }));
      done.push({ PartNumber, ETag });
    };
    try {
      await send(first);
      for await (const part of parts) await send(part);
      const complete = new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts: done } });
      await asked('upload', s3.send(complete, { abortSignal }));
    } catch (error) {
      // What is left behind when this fails too, a lifecycle rule removes.
      await s3.send(new AbortMultipartUploadCommand(upload)).catch(() => {});
      throw error;
    }
  }

  return {
    async put(content, mediaType, signal) {
      const measured = hashed(content);
      const parts = partsOf(measured, partBytes);
      const type = mediaType === '' ? {} : { ContentType: mediaType };
      const { value: first = Buffer.alloc(0) } = await parts.next();
      const toClaim = (): Claim => {
        const { sha256, length } = measured;
        return { ref: `s3://${bucket}/${prefix}${contentName(sha256, mediaType)}`, sha256, length };
      };
      const keyOf = () => `${prefix}${contentName(measured.sha256, mediaType)}`;
      if (first.length < partBytes) {
        // The only one. S3 refuses what does not have this digest.
        await parts.next();
        const ChecksumSHA256 = Buffer.from(measured.sha256, 'hex').toString('base64');
        const whole = new PutObjectCommand({ Bucket: bucket, Key: keyOf(), Body: first, ChecksumSHA256, ...type });
        await asked('put', s3.send(whole, { abortSignal: signal }));
        return toClaim();
      }
      const incoming = `${prefix}incoming/${randomUUID()}`;
      await uploadParts(parts, first, incoming, signal);
      try {
        if (measured.length > mostBytes) {
          throw new BridgeError(
            'CONTENT_TOO_LARGE',
            `${measured.length} bytes are more than a store in a bucket takes`,
          );
        }
        const CopySource = `${bucket}/${incoming}`;
        const copy = new CopyObjectCommand({
          Bucket: bucket,
          Key: keyOf(),
          CopySource,
          MetadataDirective: 'REPLACE',
          ...type,
        });
        await asked('copy', s3.send(copy, { abortSignal: signal }));
      } finally {
        await s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: incoming })).catch(() => {});
      }
      return toClaim();
    },
    async [Symbol.asyncDispose]() {
      s3.destroy();
    },
  };
}
