import { randomBytes } from 'node:crypto';
import { mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { attempt, incoming } from './directory-files.ts';

/**
 * Writes where a content would first be written, and takes it away again. The folder is made where it is not there.
 * Touches nothing that a bridge has there, which may be running. Rejects with CLAIMS_UNWRITABLE.
 */
export async function checkDirectory(dir: string): Promise<void> {
  const aside = join(dir, incoming);
  const path = join(aside, `check-${randomBytes(8).toString('hex')}`);
  await attempt(dir, async () => {
    await mkdir(aside, { recursive: true });
    const file = await open(path, 'wx');
    try {
      await file.write('check\n');
      await file.sync();
    } finally {
      await file.close();
      await rm(path, { force: true });
    }
  });
}
