import { isDeepStrictEqual } from 'node:util';
import { type StreamRequest, startStreamServer } from '../../../connectors/sse/simulator/stream-server.ts';
import { createSpoolTail } from '../../support/judge/spool-tail.ts';
import { startSteadySender } from '../../support/stream/steady-sender.ts';
import { makeStreamHome } from '../../support/stream/stream-home.ts';
import type { Ground } from '../ground.ts';
import { asJourney } from '../hook-kills.ts';
import type { Line } from './cells.ts';
import { cameTo, type Flow, mostOutOfSpool, padding, spoolDrained, spoolFlows } from './flow.ts';
import { createWitness } from './witness.ts';

const perSecond = 200;
const keys = 50;

/** A stream that sends again to whoever asks for it by `Last-Event-ID`: what is moved on too early is lost. */
export async function streamFlow(ground: Ground, { options }: Line): Promise<Flow> {
  await using resources = new AsyncDisposableStack();
  const idsTo = (last: number) => Array.from({ length: last }, (_, at) => `e-${at + 1}`);
  /** Who asks for what follows an event is not sent again what was before it. */
  const onRequest = ({ lastEventId = '0' }: StreamRequest) => void witness.told(idsTo(Number(lastEventId)));
  const server = resources.use(await startStreamServer({ replay: true, onRequest }));
  const pipeline = { ...(options.delivery && { delivery: options.delivery }) };
  const home = resources.use(await makeStreamHome(server.origin, asJourney(ground.destination), pipeline));
  const spool = createSpoolTail(home.stateDir);
  const witness = createWitness(ground, spool);
  const sender = resources.use(startSteadySender(server, { perSecond, keys, padding }));
  const held = resources.move();
  return {
    configFile: home.configFile,
    stateDir: home.stateDir,
    scatterMs: 1_500,
    mostInHand: mostOutOfSpool,
    async flowed() {
      await cameTo(home.stateDir, sender.sent + 1);
      await spoolFlows(spool);
    },
    async finish() {
      sender.stop();
      await cameTo(home.stateDir, sender.sent);
      await spoolDrained(spool);
    },
    promised: () => idsTo(sender.sent),
    isWhole: ({ id, partitionkey, data }) => isDeepStrictEqual(data, { id, key: partitionkey, padding }),
    spool,
    witness,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
