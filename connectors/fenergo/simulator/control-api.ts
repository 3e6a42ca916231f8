import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { feedNames } from '../feeds.ts';
import { type Answer, done, jsonAnswer, problem, send } from './answer.ts';
import type { SimulatorControl } from './control.ts';
import type { Fault } from './faults.ts';
import type { FillCommand } from './options.ts';

export const controlRoot = '/_sim/';

const feed = z.enum(feedNames);
const query = z.object({
  feed: feed.optional(),
  batchId: z.string().optional(),
  timeoutMs: z.coerce.number().max(3_600_000).default(30_000),
});

const fillCommand: z.ZodType<FillCommand> = z.strictObject({
  feed,
  events: z.int().nonnegative(),
  batchSize: z.union([z.int().positive(), z.literal('random')]).exactOptional(),
  eventBytes: z.int().nonnegative().exactOptional(),
  at: z.number().exactOptional(),
  perSecond: z.number().positive().exactOptional(),
});

const scope = {
  feed: feed.exactOptional(),
  call: z.enum(['next', 'complete', 'discardAll', 'token']).exactOptional(),
  times: z.union([z.int().positive(), z.literal('always')]).exactOptional(),
  probability: z.number().min(0).max(1).exactOptional(),
  forMs: z.number().positive().exactOptional(),
  skip: z.int().nonnegative().exactOptional(),
};
const worked = z.boolean().exactOptional();

const fault: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  z.strictObject({
    ...scope,
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    worked,
    retryAfterS: z.number().nonnegative().exactOptional(),
    retryAfterAs: z.enum(['seconds', 'date']).exactOptional(),
  }),
  z.strictObject({ ...scope, kind: z.literal('hang'), worked }),
  z.strictObject({ ...scope, kind: z.literal('reset'), worked }),
  z.strictObject({ ...scope, kind: z.literal('delay'), ms: z.number().nonnegative() }),
  z.strictObject({
    ...scope,
    kind: z.enum([
      'truncate',
      'html',
      'foreign-complete',
      'expire-tokens',
      'unknown-fields',
      'garble',
      'reuse-batch-id',
    ]),
  }),
]);

type Query = z.output<typeof query>;
type Route = (control: SimulatorControl, body: Buffer, query: Query) => Answer | Promise<Answer>;

function act(deed: (control: SimulatorControl, body: Buffer, query: Query) => void): Route {
  return (control, body, query) => {
    deed(control, body, query);
    return done;
  };
}

function requireFeed(query: Query): NonNullable<Query['feed']> {
  return feed.parse(query.feed);
}

/** By method and path below `/_sim/`. */
const routes: Readonly<Record<string, Route>> = {
  'POST fill': act((control, body) => control.fill(fillCommand.parse(JSON.parse(body.toString())))),
  'POST enqueue': act((control, body, query) => control.enqueue(requireFeed(query), body, query.batchId)),
  'POST faults': act((control, body) => control.addFault(fault.parse(JSON.parse(body.toString())))),
  'DELETE faults': act((control, _body, query) => control.clearFaults(query.feed)),
  'GET ledger': (control, _body, query) => jsonAnswer(200, control.ledger(query.feed)),
  'GET requests': (control, _body, query) => jsonAnswer(200, control.requests(query.feed)),
  'GET stats': (control) => jsonAnswer(200, control.stats()),
  'GET drained': async (control, _body, query) => jsonAnswer(200, { drained: await control.drained(query.timeoutMs) }),
};

/** Drives and reads the simulator over HTTP. */
export async function handleControl(
  control: SimulatorControl,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '', 'http://simulator');
  const route = routes[`${request.method} ${url.pathname.slice(controlRoot.length)}`];
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  if (route === undefined) return send(response, problem(404));
  try {
    send(response, await route(control, Buffer.concat(chunks), query.parse(Object.fromEntries(url.searchParams))));
  } catch (error) {
    send(response, jsonAnswer(400, { title: 'Bad Request', status: 400, detail: String(error) }));
  }
}
