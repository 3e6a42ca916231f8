import { openBareRabbitmq } from '../support/bare-rabbitmq.ts';
import { bareStream } from './bare-stream.ts';

/** The bare stream into RabbitMQ: one confirm channel with so many messages on their way, which gives up order under refusal. */
const mostOpen = 512;
const [baseUrl = '', url = '', username = '', password = '', exchange = ''] = process.argv.slice(2);
const client = await openBareRabbitmq({ url, username, password });

let open = 0;
let room: (() => void) | undefined;

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

await bareStream(baseUrl, ({ id, key, body }) => {
  open++;
  client.send(exchange, [{ id, key: Buffer.from(key), value: Buffer.from(body) }]).then(() => {
    open--;
    room?.();
  }, fail);
  if (open < mostOpen) return undefined;
  return new Promise<void>((resolve) => {
    room = resolve;
  });
});
