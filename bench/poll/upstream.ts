import { createServer, type Socket } from 'node:net';
import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { batchBody } from '../../connectors/fenergo/simulator/batch-body.ts';
import { createEventMaker } from '../../connectors/fenergo/simulator/events.ts';
import { defaultTenant } from '../../connectors/fenergo/simulator/options.ts';

/**
 * The upstream of the benchmark, as a process of its own: six feeds with the simulator's events, every answer made
 * before the first request, and as little HTTP as the clients need, so that it takes little of the CPU that they share.
 * `GET /drained` is answered when the last batch is completed, with the seconds since the first request for one.
 */
const eventsPerFeed = Number(process.argv[2]);
const batchSize = 10;
const look = { at: Date.parse('2022-01-23T08:13:56.840Z'), eventBytes: 0 };

interface Feed {
  /** Answers to `next`, whole. The first that is not completed is the open one. */
  readonly answers: readonly Buffer[];
  completed: number;
}

function answer(status: string, body: Uint8Array | string = ''): Buffer {
  const head = `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), Buffer.from(body)]);
}

const empty = Buffer.from('HTTP/1.1 204 No Content\r\n\r\n');
const done = answer('200 OK');
const unknown = answer('404 Not Found');

const feeds = new Map<string, Feed>(
  feedNames.map((name) => {
    const maker = createEventMaker(name, 1, defaultTenant);
    const answers = Array.from({ length: Math.ceil(eventsPerFeed / batchSize) }, (_, batch) => {
      const first = batch * batchSize + 1;
      const count = Math.min(batchSize, eventsPerFeed - first + 1);
      const notifications = Array.from({ length: count }, (_, index) => maker.render(first + index, look));
      return answer('200 OK', batchBody(String(batch), notifications, first + count <= eventsPerFeed));
    });
    return [name, { answers, completed: 0 }];
  }),
);

let left = feeds.values().reduce((sum, { answers }) => sum + answers.length, 0);
let started: number | undefined;
let seconds = 0;
const waiting = new Set<Socket>();

function complete(feed: Feed, batchId: string): Buffer {
  if (String(feed.completed) !== batchId) return unknown;
  feed.completed++;
  left--;
  if (left === 0) {
    seconds = (performance.now() - (started ?? 0)) / 1_000;
    for (const socket of waiting) socket.write(answer('200 OK', String(seconds)));
  }
  return done;
}

/** `path` without what all have in common: `journey/next`, `journey/17/complete`. */
function respond(path: string): Buffer {
  const [name = '', batchId = ''] = path.split('/');
  const feed = feeds.get(name);
  if (!feed) return unknown;
  if (batchId !== 'next') return complete(feed, batchId);
  started ??= performance.now();
  return feed.answers[feed.completed] ?? empty;
}

const root = '/eventnotifications/v2/';
const endOfHead = '\r\n\r\n';

const server = createServer({ noDelay: true }, (socket) => {
  let unread = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    unread += chunk.toString('latin1');
    for (let end = unread.indexOf(endOfHead); end >= 0; end = unread.indexOf(endOfHead)) {
      const [, path = ''] = unread.slice(0, unread.indexOf('\r\n')).split(' ');
      unread = unread.slice(end + endOfHead.length);
      if (path.startsWith(root)) socket.write(respond(path.slice(root.length)));
      else if (left === 0) socket.write(answer('200 OK', String(seconds)));
      else waiting.add(socket);
    }
  });
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  console.log(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
});
process.once('SIGTERM', () => process.exit());
