import type { IncomingMessage, ServerResponse } from 'node:http';
import { type FenergoFeed, isFeedName } from '../feeds.ts';
import { type Answer, bytesAnswer, done, jsonAnswer, noContent, problem, send } from './answer.ts';
import type { Call, Fault, FaultBox } from './faults.ts';
import type { FeedQueue } from './feed-queue.ts';
import { misbehave } from './misbehave.ts';
import type { RequestLog } from './request-log.ts';
import type { Gate } from './tokens.ts';
import type { Witness, WitnessedCall } from './witness.ts';

/** What all calls share. */
export interface World {
  readonly queues: Readonly<Record<FenergoFeed, FeedQueue>>;
  readonly faults: FaultBox;
  readonly gate: Gate;
  readonly log: RequestLog;
  readonly witness: Witness;
}

const root = '/eventnotifications/v2/';
const completePath = /^([^/]+)\/([^/]+)\/complete$/;

interface Target {
  readonly feed: string;
  readonly call: Exclude<Call, 'token' | 'resource'>;
  readonly batchId: string;
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function toTarget(method: string, path: string): Target | undefined {
  if (!path.startsWith(root)) return undefined;
  const rest = path.slice(root.length);
  if (method === 'GET' && rest.endsWith('/next')) return { feed: rest.slice(0, -5), call: 'next', batchId: '' };
  if (method === 'PUT' && rest.endsWith('/discardAll'))
    return { feed: rest.slice(0, -11), call: 'discardAll', batchId: '' };
  const [, feed, batchId] = (method === 'POST' && completePath.exec(rest)) || [];
  return feed && batchId ? { feed, call: 'complete', batchId: decode(batchId) } : undefined;
}

function work(world: World, queue: FeedQueue, { call, batchId }: Target): Answer {
  if (call === 'next') {
    const body = queue.fetch(() => world.faults.takeForming(queue.feed));
    return body === undefined ? noContent : bytesAnswer(body);
  }
  if (call === 'complete') return queue.complete(batchId, true) ? done : problem(404);
  queue.discard();
  return done;
}

/** Also counts a complete that is not even tried. */
async function answerBadly(world: World, response: ServerResponse, queue: FeedQueue, target: Target, fault: Fault) {
  let worked = false;
  const status = await misbehave(response, fault, () => {
    worked = true;
    return work(world, queue, target);
  });
  if (!worked && target.call === 'complete') queue.complete(target.batchId, false);
  if (fault.kind === 'foreign-complete') queue.completeFor('foreign');
  world.log.add(queue.feed, target.call, status);
}

function seen(queue: FeedQueue, { call, batchId }: Target): WitnessedCall {
  const meant = call === 'complete' ? batchId : (queue.openBatchId() ?? '');
  return { feed: queue.feed, call, batchId: meant, eventIds: () => queue.eventIdsOf(meant) };
}

/** What `relativeUrl` points at. Every path outside the event notifications is a resource that tells its path. */
async function handleResource(
  world: World,
  path: string,
  response: ServerResponse,
  authorization?: string,
): Promise<void> {
  const work = (): Answer => jsonAnswer(200, { path: path.slice(1) });
  const fault = world.faults.take(undefined, 'resource');
  if (fault) {
    world.log.add(null, 'resource', await misbehave(response, fault, work));
    return;
  }
  const answer = world.gate.admits(authorization) ? work() : problem(401);
  world.log.add(null, 'resource', answer.status);
  send(response, answer);
}

/** Speaks the documented API. */
export async function handleApi(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = request.url ?? '';
  if (request.method === 'GET' && !path.startsWith(root)) {
    return handleResource(world, path, response, request.headers.authorization);
  }
  const target = toTarget(request.method ?? '', path);
  const answer = (result: Answer, feed: FenergoFeed | null = null): void => {
    world.log.add(feed, target?.call ?? 'next', result.status);
    send(response, result);
  };
  if (target === undefined || !isFeedName(target.feed)) return answer(problem(404));
  const queue = world.queues[target.feed];
  const { witness } = world;
  if ((await witness.arrived?.(seen(queue, target))) === 'drop') {
    world.log.add(target.feed, target.call, 0);
    response.destroy();
    return;
  }
  const fault = world.faults.take(target.feed, target.call);
  if (fault?.kind === 'expire-tokens') world.gate.revokeAll();
  if (!world.gate.admits(request.headers.authorization)) {
    return answer(problem(401, { 'www-authenticate': 'Bearer error="invalid_token"' }), target.feed);
  }
  if (fault) return answerBadly(world, response, queue, target, fault);
  const result = work(world, queue, target);
  const call = seen(queue, target);
  await witness.worked?.(call);
  if (witness.answered) response.once('finish', () => witness.answered?.(call));
  answer(result, target.feed);
}

/** The token endpoint. */
export async function handleToken(world: World, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let form = '';
  for await (const chunk of request.setEncoding('utf8')) form += chunk;
  const work = (): Answer => {
    const { status, body } = world.gate.token(request.headers.authorization, form);
    return jsonAnswer(status, body);
  };
  const fault = world.faults.take(undefined, 'token');
  if (fault) {
    world.log.add(null, 'token', await misbehave(response, fault, work));
    return;
  }
  const answer = work();
  world.log.add(null, 'token', answer.status);
  send(response, answer);
}
