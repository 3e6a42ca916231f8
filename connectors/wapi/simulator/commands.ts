import { hash } from 'node:crypto';
import { readXml } from '../../../src/kit/xml/read.ts';
import { childrenOf } from '../../../src/kit/xml/tree.ts';
import { pragueHour } from '../auth.ts';
import { fieldOf } from '../notifications.ts';
import { notificationOf } from './notification.ts';
import type { Credentials, WapiSimulatorOptions } from './options.ts';
import type { Queue } from './queue.ts';

/** What commands work on. */
export interface World {
  readonly queue: Queue;
  readonly credentials: Credentials;
  readonly now: () => Date;
  readonly marking: NonNullable<WapiSimulatorOptions['marking']>;
  readonly place: NonNullable<WapiSimulatorOptions['place']>;
  /** A number of its own for each call. */
  count(): number;
}

interface Answer {
  readonly code: number;
  readonly result: string;
  readonly inside?: string;
}

function isAuthentic(user: string | undefined, auth: string | undefined, { credentials, now }: World): boolean {
  const right = hash('sha1', `${credentials.user}${hash('sha1', credentials.password)}${pragueHour(now())}`);
  return user === credentials.user && auth === right;
}

/** The whole answer, where the notification is that. */
function oldest({ queue, place }: World): Answer | string {
  const notification = queue.oldest();
  if (notification === undefined) return { code: 1003, result: 'Empty notifications queue' };
  const { xml } = notification;
  if (place === 'root') return xml;
  const fields = xml.replace(/^<notify>|<\/notify>$/g, '');
  const inside = place === 'response' ? xml : `<data>${place === 'data' ? xml : fields}</data>`;
  return { code: 1000, result: 'OK', inside };
}

async function mark(id: string, { queue, marking }: World): Promise<Answer> {
  await marking(id);
  if (queue.mark(id)) return { code: 1002, result: 'Notification acquired' };
  return { code: 2151, result: 'Notification does not exist' };
}

/** The answer to the XML of a command. */
export async function perform(xml: Uint8Array, world: World): Promise<string> {
  const reading = readXml(xml);
  if (reading.kind !== 'xml' || reading.root.name !== 'request') {
    return '<response><code>2000</code><result>Request parse error</result></response>';
  }
  const { root } = reading;
  const command = fieldOf(root, 'command') ?? '';
  const clTRID = fieldOf(root, 'clTRID') ?? '';
  const timestamp = Math.floor(world.now().getTime() / 1_000);
  const svTRID = `${timestamp}.${world.count()}.1`;

  async function answerTo(): Promise<Answer | string> {
    if (!isAuthentic(fieldOf(root, 'user'), fieldOf(root, 'auth'), world)) {
      return { code: 2050, result: 'Authentication failure' };
    }
    switch (command) {
      case '':
        return { code: 2003, result: 'Invalid request - required parameter missing: command' };
      case 'notify-poll-req':
      case 'poll-req':
        return oldest(world);
      case 'notify-poll-ack':
      case 'poll-ack': {
        const [data] = childrenOf(root, 'data');
        return await mark((data && (fieldOf(data, 'id') ?? fieldOf(data, 'ID'))) ?? '', world);
      }
      case 'ping':
        return { code: 1000, result: 'OK' };
      case 'unknown':
        return { code: 2010, result: 'Unknown command' };
      default: {
        const id = `c${world.count()}`;
        world.queue.add(notificationOf(id, { code: 1000, clTRID, svTRID, command, timestamp: timestamp + 1 }));
        return { code: 1001, result: 'Request pending' };
      }
    }
  }

  const answer = await answerTo();
  if (typeof answer === 'string') return answer;
  const { code, result, inside = '' } = answer;
  const ids = `${clTRID === '' ? '' : `<clTRID>${clTRID}</clTRID>`}<svTRID>${svTRID}</svTRID>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<response><code>${code}</code><result>${result}</result><timestamp>${timestamp}</timestamp>${ids}<command>${command}</command>${inside}</response>\n`;
}
