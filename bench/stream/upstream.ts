import { createServer } from 'node:net';
import { eventBody } from './event.ts';

/**
 * The upstream of the benchmark, as a process of its own: one stream whose bytes are made before the first request, and as
 * little HTTP as the clients need, so that it takes little of the CPU that they share. It stays open after the last event.
 */
const events = Number(process.argv[2]);
const sliceBytes = 64 * 1024;

const stream = Buffer.concat(
  Array.from({ length: events }, (_, number) => Buffer.from(`id: ${number}\ndata: ${eventBody(number)}\n\n`)),
);
const head = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => socket.destroy());
  socket.once('data', () => {
    socket.write(head);
    let at = 0;
    const write = () => {
      while (at < stream.length) {
        const slice = stream.subarray(at, at + sliceBytes);
        at += slice.length;
        if (!socket.write(slice)) break;
      }
    };
    socket.on('drain', write);
    write();
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
});
process.once('SIGTERM', () => process.exit());
