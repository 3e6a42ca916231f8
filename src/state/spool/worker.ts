import { parentPort, workerData } from 'node:worker_threads';
import { createDesk } from './desk.ts';
import type { ToThread } from './messages.ts';
import type { SpoolOptions } from './settings.ts';

/* The thread that owns the spool's file: a commit that waits for the disk holds up nothing else there. */

const port = parentPort;
if (port === null) throw new Error('this file runs as a worker of spool.ts');
const desk = createDesk(workerData as SpoolOptions, (message, buffers) => {
  port.postMessage(message, [...buffers]);
  if (message.kind === 'closed') port.close();
});
port.on('message', (message: ToThread) => desk.take(message));
