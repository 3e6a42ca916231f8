import { connect } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createRequest } from './request.ts';

/*
 * The senders of the benchmark, as a process of their own: each has a connection that it keeps, and sends its next
 * request when the one before is answered. As little HTTP as the servers need, so that they take little of the CPU that
 * all share.
 */

/** What the process is told, as JSON. */
export interface Task {
  readonly port: number;
  readonly connections: number;
  readonly signed: boolean;
  /** Sent before anything is measured. */
  readonly warmUpRequests: number;
  readonly measuredMs: number;
}

/** Of the measured time alone. */
export interface Measured {
  readonly requests: number;
  readonly seconds: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** What the process says. `sent`: the requests with the numbers from 0 on, all of which were answered with success. */
export type Word = 'begin' | 'end' | { readonly sent: number; readonly measured: Measured };

const { port, connections, signed, warmUpRequests, measuredMs } = JSON.parse(process.argv[2] ?? '') as Task;
const startLimitMs = 30_000;
const endOfHead = '\r\n\r\n';

const warm = Promise.withResolvers<void>();
let next = 0;
let stopped = false;
let latencies: number[] | undefined;

function say(word: Word) {
  process.send?.(word);
}

/** Undefined: it has not arrived whole. */
function statusOf(answer: string): number | undefined {
  const end = answer.indexOf(endOfHead);
  if (end < 0) return undefined;
  const length = Number(/\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, end))?.[1] ?? 0);
  return answer.length < end + endOfHead.length + length ? undefined : Number(answer.slice(9, 12));
}

/** Calls `take` with the status of each answer; what it gives is the number of the next request, or undefined for no more. */
function converse(key: string, first: number, take: (status: number) => number | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const request = createRequest(key, signed);
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  let answer = '';
  const send = (number: number) => {
    request.setNumber(number);
    socket.write(request.bytes);
  };
  socket.once('connect', () => send(first));
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
    const status = statusOf(answer);
    if (status === undefined) return;
    answer = '';
    const number = take(status);
    if (number !== undefined) return send(number);
    resolve();
    socket.end();
  });
  socket.on('error', reject).on('close', () => reject(new Error('the connection was closed before its answer')));
  return promise;
}

/** The first request is sent until it is taken: the server may still be starting. */
async function untilTaken(): Promise<void> {
  const number = next++;
  const end = performance.now() + startLimitMs;
  for (let taken = false; !taken; ) {
    const said = converse('sender-0', number, (status) => {
      taken = status === 200;
      return undefined;
    });
    await said.catch(() => {});
    if (performance.now() > end) throw new Error(`nothing is taken after ${startLimitMs} ms`);
    if (!taken) await delay(50);
  }
}

function sendOn(key: string): Promise<void> {
  let sentAt = performance.now();
  return converse(key, next++, (status) => {
    if (status !== 200) throw new Error(`a request was answered ${status}`);
    if (next > warmUpRequests) warm.resolve();
    const now = performance.now();
    latencies?.push(now - sentAt);
    sentAt = now;
    return stopped ? undefined : next++;
  });
}

async function measure(): Promise<Measured> {
  await warm.promise;
  const measured: number[] = [];
  latencies = measured;
  const started = performance.now();
  say('begin');
  await delay(measuredMs);
  const seconds = (performance.now() - started) / 1_000;
  latencies = undefined;
  say('end');
  stopped = true;
  const sorted = Float64Array.from(measured).sort();
  const quantile = (share: number) => sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN;
  return { requests: sorted.length, seconds, p50Ms: quantile(0.5), p99Ms: quantile(0.99) };
}

await untilTaken();
const [measured] = await Promise.all([
  measure(),
  ...Array.from({ length: connections }, (_, at) => sendOn(`sender-${at}`)),
]);
say({ sent: next, measured });
