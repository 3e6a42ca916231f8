import { expect, it } from 'vitest';
import { errorAnswer } from '../../../src/http/server/answers.ts';
import { tooLate } from '../../../src/pipeline/ticket-end.ts';
import { classify as logFailure } from '../../../src/sinks/log/classify.ts';
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

it.each([
  ['507, where the disk was full until its deadline', 'ENOSPC', 507],
  ['503, where anything else kept it until then', 'EACCES', 503],
])('what comes too late is answered %s', (_, code, status) => {
  const failure = logFailure(Object.assign(new Error(), { code, syscall: 'write' }), 'append to the log');
  expect(errorAnswer(tooLate(failure)).status).toBe(status);
  expect(errorAnswer(tooLate()).status).toBe(503);
});
