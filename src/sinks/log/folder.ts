import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes the entries of a folder durable: a new file is not safe before its folder is. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Makes a folder with all above it, durably. */
export async function makeFolder(path: string): Promise<void> {
  const firstMade = await mkdir(path, { recursive: true });
  const top = dirname(firstMade ?? path);
  for (let folder = path; ; folder = dirname(folder)) {
    // A folder above may be closed to us for reading, and so for syncing too.
    const isOurs = folder === path;
    await syncFolder(folder).catch((error: NodeJS.ErrnoException) => {
      if (isOurs || error.code !== 'EACCES') throw error;
    });
    if (folder === top || folder === dirname(folder)) return;
  }
}
