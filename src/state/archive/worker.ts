import { parentPort, workerData } from 'node:worker_threads';
import { toBridgeError } from '../../core/errors.ts';
import { openArchiveFile } from './archive-file.ts';
import type { ArchiveSettings, Reply, Request } from './messages.ts';

/** The thread of the archive: compressing, and waiting for the disk, hold up no event here. */
const file = openArchiveFile(workerData as ArchiveSettings);

function reply(request: Request): Reply {
  const { id } = request;
  try {
    if ('question' in request) return { id, answer: file.answer(request.question) };
    file.write(request.group);
    return { id, answer: null };
  } catch (thrown) {
    const { code, message, hint } = toBridgeError(thrown);
    return { id, failure: { code, message, hint } };
  }
}

parentPort?.on('message', (request: Request) => {
  parentPort?.postMessage(reply(request));
  if ('question' in request && request.question.ask === 'close') parentPort?.close();
});
