import { feedNames } from '../../connectors/fenergo/feeds.ts';
import { startFenergoSimulator } from '../../connectors/fenergo/simulator/simulator.ts';

/** The simulator as a process of its own, so that its CPU time is not taken for the bridge's. */
const events = Number(process.argv[2]);
const simulator = await startFenergoSimulator({ fill: feedNames.map((feed) => ({ feed, events })) });
console.log(simulator.baseUrl);
process.once('SIGTERM', () => process.exit());
