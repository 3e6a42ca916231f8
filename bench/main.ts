import { parseArgs } from 'node:util';
import { benchPoll } from './poll/poll.ts';

/** `npm run bench -- poll [--events N] [--rounds N]`: events are per feed. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string', default: '20000' },
    rounds: { type: 'string', default: '3' },
  },
});

const [name] = positionals;
if (name === 'poll') {
  await benchPoll({ events: Number(values.events), rounds: Number(values.rounds) });
} else {
  console.error('usage: npm run bench -- poll [--events N] [--rounds N]');
  process.exitCode = 2;
}
