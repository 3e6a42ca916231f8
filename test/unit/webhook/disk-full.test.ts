import { expect, it } from 'vitest';
import { errorAnswer } from '../../../src/http/server/answers.ts';
import { classify } from '../../../src/state/classify.ts';
import { packError, unpackError } from '../../../src/state/spool/errors-across.ts';

function sqlite(errcode: number) {
  return Object.assign(new Error('database or disk'), { code: 'ERR_SQLITE_ERROR', errcode, errstr: 'disk' });
}

it.each([
  ['a full disk, as SQLite tells it', sqlite(13), 507],
  ['a full disk, as the file system tells it', Object.assign(new Error(), { code: 'ENOSPC', syscall: 'write' }), 507],
  ['a disk that fails', sqlite(10), 503],
])('%s in the thread of the spool is answered as it is', (_, error, status) => {
  const known = classify(error, '/data/spool.db');
  expect(errorAnswer(known).status).toBe(status);
  expect(errorAnswer(unpackError(packError(known))).status).toBe(status);
});
