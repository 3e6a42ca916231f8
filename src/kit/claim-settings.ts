import { z } from 'zod';
import type { ClaimSettings } from '../core/claims.ts';
import { byteSize, duration, secret, text } from './scalars.ts';

const directory = z.strictObject({
  dir: text().describe(
    'Folder on a disk that survives the container, relative to the configuration file. A content is the file XX/NAME in it, XX being the first two characters of its name.',
  ),
  refs: text()
    .default('claims/')
    .describe('What each reference begins with: by which consumers know the folder, such as a URL. The name follows.'),
  keep: duration().prefault('30d').describe('How long a content is kept after it was last put in.'),
  maxBytes: byteSize()
    .prefault('10GiB')
    .describe('Above it the oldest are deleted, though none younger than an hour; then what comes has to wait.'),
});

const bucket = z.strictObject({
  s3: z
    .strictObject({
      bucket: z
        .string()
        .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'expected the name of a bucket')
        .describe('Bucket. A lifecycle rule of its own says how long contents are kept.'),
      prefix: z
        .string()
        .regex(/^(?:[A-Za-z0-9._-]+\/)*$/, 'expected nothing, or a prefix such as claims/ that ends in a slash')
        .default('claims/')
        .describe('Put before each name. A reference is s3://BUCKET/PREFIX and the name.'),
      region: z
        .string()
        .regex(/^[a-z]{2,}(-[a-z]+)+-\d+$/, 'expected an AWS region such as eu-central-1')
        .describe('AWS region of the bucket.'),
      endpoint: z
        .url({ protocol: /^https?$/, error: 'expected a URL such as https://s3.example.com' })
        .optional()
        .describe('Where S3 answers, if not at the usual address of the region.'),
      credentials: z
        .strictObject({ accessKeyId: text(), secretAccessKey: secret(), sessionToken: secret().optional() })
        .optional()
        .describe('Fixed credentials. Without them, those that the AWS SDK finds by itself.'),
    })
    .describe('A bucket instead of a folder. Needs the package @aws-sdk/client-s3.'),
});

/** Where contents are kept that are too large for events. */
export const claimStore = z.union([directory, bucket]).transform((store): ClaimSettings => {
  if ('s3' in store) return { kind: 's3', ...store.s3 };
  const { dir, refs, keep: keepMs, maxBytes } = store;
  return { kind: 'directory', dir, refs, keepMs, maxBytes };
});
