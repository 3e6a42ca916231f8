import { z } from 'zod';
import type { ClaimSettings } from '../core/claims.ts';
import { byteSize, duration, text } from './scalars.ts';

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

/** Where contents are kept that are too large for events. */
export const claimStore = directory.transform(
  ({ dir, refs, keep: keepMs, maxBytes }): ClaimSettings => ({ kind: 'directory', dir, refs, keepMs, maxBytes }),
);
