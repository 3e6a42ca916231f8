import { closeSync, openSync, readSync } from 'node:fs';
import { pageSize, spoolSchema } from './schema.ts';

/**
 * What is wrong with the header of a file, where SQLite would blame something else, such as the disk; undefined when
 * nothing is. Of a file that is there.
 */
export function headerFault(file: string): string | undefined {
  const fd = openSync(file, 'r');
  try {
    const header = Buffer.alloc(100);
    if (readSync(fd, header, 0, 100, 0) < 100) return `${file} has no header`;
    const isSound =
      header.toString('latin1', 0, 16) === 'SQLite format 3\0' &&
      header.readUInt16BE(16) === pageSize &&
      [1, 2].includes(header.readUInt8(18)) &&
      [1, 2].includes(header.readUInt8(19)) &&
      header.readUInt32BE(20) === 0x00402020 && // no reserved bytes, and three fixed fractions
      [0, 1, 2, 3, 4].includes(header.readUInt32BE(44)) &&
      header.readUInt32BE(52) !== 0 && // it can be vacuumed
      header.readUInt32BE(56) === 1 && // UTF-8
      header.readUInt32BE(64) !== 0 && // bit by bit
      header.readUInt32BE(68) === spoolSchema.applicationId;
    return isSound ? undefined : `the header of ${file} is damaged`;
  } finally {
    closeSync(fd);
  }
}
