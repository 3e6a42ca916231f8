import { isDeepStrictEqual } from 'node:util';
import { makeHookHome } from '../../support/hooks/hook-home.ts';
import { startSender } from '../../support/hooks/sender.ts';
import { createSpoolTail } from '../../support/judge/spool-tail.ts';
import type { Ground } from '../ground.ts';
import { asJourney } from '../hook-kills.ts';
import type { Line } from './cells.ts';
import { type Flow, mostOutOfSpool, padding, spoolDrained, spoolFlows } from './flow.ts';
import { createWitness } from './witness.ts';

/** Requests that wait for their answers at any time; each is of a key of its own, whose events come one after the other. */
const concurrency = 100;
/** Between two events of a key that the spool answers: no way to a broker is too slow for that. */
const spooledRestMs = 400;
/** Answered after the call, whatever was on its way before. */
const fresh = 2 * concurrency;

const numberOf = (id: string) => Number(id.slice(1));

/** A sender of webhooks that tries each event again until it is answered 2xx. */
export async function hookFlow(ground: Ground, { options }: Line): Promise<Flow> {
  await using resources = new AsyncDisposableStack();
  const home = resources.use(
    await makeHookHome({ destination: asJourney(ground.destination), pipeline: { ...options } }),
  );
  const spool = options.ack === 'spool' ? createSpoolTail(home.stateDir) : undefined;
  const witness = createWitness(ground, spool);
  let looking = false;
  /** One after the other: where looking takes time, most are not looked for. */
  async function look(id: string): Promise<void> {
    if (looking) return;
    looking = true;
    await witness.told([id]);
    looking = false;
  }
  const sender = resources.use(
    startSender({
      url: home.url,
      concurrency,
      restMs: spool ? spooledRestMs : 0,
      padding: padding.length,
      onAccepted: (id) => void look(id),
    }),
  );
  const { accepted } = sender.told;
  const held = resources.move();
  return {
    configFile: home.configFile,
    stateDir: home.stateDir,
    scatterMs: 300,
    mostInHand: spool ? concurrency + mostOutOfSpool : concurrency,
    async flowed() {
      await sender.accepted(accepted.size + fresh);
      if (spool) await spoolFlows(spool);
    },
    async finish() {
      await sender.finish();
      if (spool) await spoolDrained(spool);
    },
    promised: () => [...accepted].toSorted((one, other) => numberOf(one) - numberOf(other)),
    isWhole: ({ id, partitionkey, data }) => isDeepStrictEqual(data, { id, key: partitionkey, padding }),
    spool,
    witness,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
