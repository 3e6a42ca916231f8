import { closeSync, openSync, readSync } from 'node:fs';

const walHeader = 32;
const frameHeader = 24;

/** Reads what is committed to a WAL of SQLite as it grows, with nothing but the file system. */
export interface WalTail {
  /**
   * The pages that were committed since the last call, one behind the other. What was written over meanwhile, because
   * the WAL has begun anew, is left out.
   */
  read(): Buffer;
}

function readFrom(file: number, position: number, length: number): Buffer {
  const bytes = Buffer.alloc(length);
  return bytes.subarray(0, readSync(file, bytes, 0, length, position));
}

/** `file`: that of the database. */
export function createWalTail(file: string, pageSize: number): WalTail {
  const frameSize = frameHeader + pageSize;
  let salts = Buffer.alloc(0);
  let end = walHeader;

  function pagesIn(wal: number): readonly Buffer[] {
    const header = readFrom(wal, 0, walHeader);
    const present = Buffer.from(header.subarray(16, 24));
    if (!present.equals(salts)) end = walHeader;
    salts = present;
    const pages: Buffer[] = [];
    let pending: Buffer[] = [];
    let place = end;
    for (;;) {
      const frame = readFrom(wal, place, frameSize);
      // Frames of an earlier round may lie behind those of this one.
      if (frame.length < frameSize || !frame.subarray(8, 16).equals(salts)) return pages;
      pending.push(frame.subarray(frameHeader));
      place += frameSize;
      const isCommit = frame.readUInt32BE(4) !== 0;
      if (!isCommit) continue;
      pages.push(...pending);
      pending = [];
      end = place;
    }
  }

  return {
    read() {
      let wal: number;
      try {
        wal = openSync(`${file}-wal`, 'r');
      } catch {
        return Buffer.alloc(0);
      }
      try {
        return Buffer.concat(pagesIn(wal));
      } finally {
        closeSync(wal);
      }
    },
  };
}
