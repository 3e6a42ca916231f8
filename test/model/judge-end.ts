import type { Broker } from './broker.ts';
import { idOf } from './history.ts';
import type { Ends } from './life.ts';

type IsBad = (body: string) => boolean;

/** Looks at what the brokers and the dead letters hold when all is delivered. */
export function judgeEnd(ends: Ends): void {
  const { held, brokers, promises, refusedByStep } = ends;
  const isBad = (body: string) => body.startsWith('!') || body.startsWith('unroutable');
  for (const body of held.flat().flatMap(({ bodies }) => bodies)) {
    const event = idOf(body);
    const wasRefused = isBad(body) || refusedByStep.has(event) || brokers.some(({ poisoned }) => poisoned.has(event));
    const mayWait = ends.history.onPoison === 'park-key';
    if (promises.setAside.has(body) && !wasRefused && !mayWait) promises.breach(`${body} was set aside for nothing`);
  }
  for (const broker of brokers) judgeBroker(broker, ends, isBad);
}

function judgeBroker({ log, poisoned, altered }: Broker, { held, promises, refusedByStep }: Ends, isBad: IsBad) {
  const written = new Set(log);
  for (const { id, bodies } of held.flat()) {
    for (const body of bodies) {
      const event = idOf(body);
      const isAside = promises.setAside.has(body);
      // What another broker has refused is no reason here.
      const mayLack = isAside && (isBad(body) || poisoned.has(event) || refusedByStep.has(event));
      if (isBad(body) && written.has(event)) promises.breach(`${event} is bad, and was published`);
      if (body.startsWith('-') ? written.has(event) || isAside : !written.has(event) && !mayLack) {
        promises.breach(`${body} of ${id} is ${isAside || written.has(event) ? 'not left out' : 'lost'}`);
      }
    }
  }
  for (const id of altered) promises.breach(`${id} came again altered`);
  for (const batches of held) checkOrder(batches.flatMap(({ bodies }) => bodies));

  /** First occurrences of a feed, in each lane. What was refused may have been written before, at any time. */
  function checkOrder(bodies: readonly string[]) {
    const wasRefused = (event: string) => poisoned.has(event) || refusedByStep.has(event);
    const sent = bodies.filter((body) => written.has(idOf(body)) && !wasRefused(idOf(body)));
    for (const [lane, ofLane] of Map.groupBy(sent, (body) => body.split('@')[1])) {
      const due = ofLane.map(idOf);
      const came = [...written].filter((id) => due.includes(id));
      if (came.join(' ') !== due.join(' '))
        promises.breach(`lane ${lane}: ${came.join(' ')} came for ${due.join(' ')}`);
    }
  }
}
