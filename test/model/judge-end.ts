import { idOf } from './history.ts';
import type { Ends } from './life.ts';

/** Looks at what the broker and the dead letters hold when all is delivered. */
export function judgeEnd({ held, broker, promises, refusedByStep }: Ends): void {
  const written = new Set(broker.log);
  for (const { id, bodies } of held.flat()) {
    for (const body of bodies) {
      const event = idOf(body);
      const isAside = promises.setAside.has(body);
      const isBad = body.startsWith('!') || body.startsWith('unroutable');
      if (isBad && written.has(event)) promises.breach(`${event} is bad, and was published`);
      if (body.startsWith('-') ? written.has(event) || isAside : !written.has(event) && !isAside) {
        promises.breach(`${body} of ${id} is ${isAside || written.has(event) ? 'not left out' : 'lost'}`);
      }
      const wasRefused = isBad || broker.poisoned.has(event) || refusedByStep.has(event);
      if (isAside && !wasRefused) promises.breach(`${body} was set aside for nothing`);
    }
  }
  for (const id of broker.altered) promises.breach(`${id} came again altered`);
  for (const batches of held) checkOrder(batches.flatMap(({ bodies }) => bodies));

  /** First occurrences of a feed, in each lane. What was set aside may have been written before, at any time. */
  function checkOrder(bodies: readonly string[]) {
    const sent = bodies.filter((body) => written.has(idOf(body)) && !promises.setAside.has(body));
    for (const [lane, ofLane] of Map.groupBy(sent, (body) => body.split('@')[1])) {
      const due = ofLane.map(idOf);
      const came = [...written].filter((id) => due.includes(id));
      if (came.join(' ') !== due.join(' '))
        promises.breach(`lane ${lane}: ${came.join(' ')} came for ${due.join(' ')}`);
    }
  }
}
