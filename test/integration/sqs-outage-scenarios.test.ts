import { afterAll, vi } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import type { ErrorCode } from '../../src/core/errors.ts';
import type { Fault, OutageHarness } from '../conformance/sink-outages/harness.ts';
import { sinkOutages } from '../conformance/sink-outages.ts';
import { seed } from '../crash/scale.ts';
import { ownSqsSuite } from '../support/sqs/acquire.ts';
import type { OwnElasticMq } from '../support/sqs/elasticmq.ts';
import { type FeedsPlace, openFeedsPlace, type QueueEnd } from '../support/sqs/feeds-place.ts';
import { type Entry, type Interference, type Passing, refusal, standBefore } from '../support/sqs/interfering.ts';

type Interfere = (passing: Passing) => Interference | undefined;

interface Place extends FeedsPlace {
  connections(): number;
  /** From now on, what is done with each request of the sink. Undefined: all are passed on. */
  interfere(how: Interfere | undefined): void;
}

const tooLarge = 300_000;
/** Of the messages, while a part of each batch is refused. */
const refusedPart = 0.3;

/** What the SDK finds in the environment, where credentials are that may expire. */
function giveCredentials(accessKeyId: string) {
  vi.stubEnv('AWS_PROFILE', undefined);
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'the-secret-of-the-key');
  vi.stubEnv('AWS_SESSION_TOKEN', 'the-token-of-the-session');
}

async function openPlace(endpoint: string, end: QueueEnd): Promise<Place> {
  let interfere: Interfere | undefined;
  const front = await standBefore(endpoint, (passing) => interfere?.(passing));
  giveCredentials('first');
  const place = await openFeedsPlace(endpoint, { end, front: front.endpoint, broker: { credentials: undefined } });
  return {
    ...place,
    connections: place.proxy.connections,
    interfere(how) {
      interfere = how;
    },
    async [Symbol.asyncDispose]() {
      await place[Symbol.asyncDispose]();
      await front[Symbol.asyncDispose]();
    },
  };
}

const sending = (answer: () => Interference): Interfere => {
  return ({ operation }) => (operation === 'SendMessageBatch' ? answer() : undefined);
};

function answered({ interfere }: Place, told: ErrorCode, how: Interfere, heal = async () => {}): Fault {
  return {
    kind: 'outage',
    told,
    begin: async () => interfere(how),
    async heal() {
      await heal();
      interfere(undefined);
    },
  };
}

/** SQS or something before it breaks: sometimes it has stored all of it. */
function broken(): Interfere {
  const roll = dice(seed);
  const answers = [refusal(500, 'InternalFailure'), refusal(502, 'Unheard'), refusal(503, 'ServiceUnavailable')];
  return sending(() => {
    const answer = answers[Math.floor(roll() * answers.length)] ?? refusal(500, 'InternalFailure');
    return answer.kind === 'answer' && answer.status !== 503 ? { ...answer, served: roll() < 0.5 } : answer;
  });
}

function refusedInPart(): Interfere {
  const roll = dice(seed);
  const failure = { Code: 'InternalError', SenderFault: false };
  return sending(() => ({ kind: 'partial', refuse: () => (roll() < refusedPart ? failure : undefined) }));
}

function poisoned({ interfere }: Place): Fault {
  const failure = { Code: 'InvalidMessageContents', SenderFault: true };
  const refuse = ({ MessageBody }: Entry) => (MessageBody.length > tooLarge ? failure : undefined);
  interfere(sending(() => ({ kind: 'partial', refuse })));
  return { kind: 'poison', bytes: tooLarge, code: 'EVENT_REFUSED' };
}

/** The first credentials are taken no more; the second ones are there when it is over. */
function expired(place: Place): Fault {
  const expiredToken = refusal(403, 'ExpiredTokenException');
  giveCredentials('first');
  return answered(
    place,
    'BROKER_CREDENTIALS_EXPIRED',
    ({ headers }) => (headers.authorization?.includes('Credential=first/') ? expiredToken : undefined),
    async () => giveCredentials('second'),
  );
}

function harnessFor(sqs: OwnElasticMq, kind: string, end: QueueEnd): OutageHarness<Place> {
  return {
    name: `sqs (${kind})`,
    open: () => openPlace(sqs.endpoint, end),
    faults: {
      'killed and restarted': { unsupported: 'the server keeps its queues in memory: it is frozen instead' },
      frozen: () => ({
        kind: 'outage',
        told: 'BROKER_TIMEOUT',
        begin: sqs.freeze,
        heal: async () => sqs.thaw(),
      }),
      'confirms withheld, released late': ({ proxy }) => ({
        kind: 'outage',
        told: 'BROKER_TIMEOUT',
        begin: async () => proxy.halfBlackhole(),
        heal: proxy.heal,
      }),
      'refused for now (nack)': { unsupported: 'SQS answers for each message: see part of each batch refused' },
      'nothing bound': { unsupported: 'a queue of SQS needs no binding' },
      'destination deleted and created again': ({ read, deleteQueues, createQueues }) => ({
        kind: 'outage',
        told: 'DESTINATION_MISSING',
        destroys: true,
        async begin() {
          await read();
          await deleteQueues();
        },
        heal: createQueues,
      }),
      'memory alarm': { unsupported: 'SQS has no such alarm: see throttled' },
      'poison neighbour': poisoned,
      'part of each batch refused': (place) => answered(place, 'BROKER_UNAVAILABLE', refusedInPart()),
      throttled: (place) =>
        answered(
          place,
          'BROKER_UNAVAILABLE',
          sending(() => refusal(400, 'ThrottlingException')),
        ),
      '5xx answers': (place) => answered(place, 'BROKER_UNAVAILABLE', broken()),
      'credentials refused in mid-run': expired,
      'leaders moved': { unsupported: 'SQS shows none' },
    },
  };
}

const suite = await ownSqsSuite();

suite('the SQS sink, through outages:', (sqs) => {
  afterAll(() => void vi.unstubAllEnvs());
  for (const [kind, end] of [
    ['standard queue', ''],
    ['FIFO queue', '.fifo'],
  ] as const) {
    sinkOutages(harnessFor(sqs, kind, end));
  }
});
