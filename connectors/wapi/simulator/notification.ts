import { mix } from '../../fenergo/simulator/mix.ts';

/** One notification as WAPI keeps it. */
export interface Notification {
  readonly id: string;
  readonly svTRID: string;
  readonly xml: string;
}

const commands = ['ping-async', 'domain-create', 'domain-renew', 'domain-transfer'] as const;
const codes = [1000, 1000, 1000, 1000, 2211, 1001] as const;
const start = 1_286_957_000;

function field(name: string, value: string | number): string {
  return `<${name}>${value}</${name}>`;
}

/** What a notification is about. */
export interface Outcome {
  readonly code: number;
  readonly clTRID: string;
  readonly svTRID: string;
  readonly command: string;
  readonly timestamp: number;
}

/** As documented; with `data` some of what a command of a domain tells besides. */
export function notificationOf(id: string, { code, clTRID, svTRID, command, timestamp }: Outcome): Notification {
  const data = command.startsWith('domain') ? `<data><name>domain-${id}.example</name></data>` : '';
  const result = code < 2000 ? 'OK' : 'Domain name already exists &amp; is taken';
  const fields = [
    field('code', code),
    field('result', result),
    field('timestamp', timestamp),
    field('clTRID', clTRID),
    field('svTRID', svTRID),
    field('command', command),
    field('ID', id),
  ];
  return { id, svTRID, xml: `<notify>${fields.join('')}${data}</notify>` };
}

/** Notification `number`, from 0, which depends on seed and number alone. */
export function generated(number: number, seed: number): Notification {
  const roll = mix(number * 3 + seed);
  const timestamp = start + number;
  return notificationOf(String(1 + number), {
    code: codes[roll % codes.length] ?? 1000,
    clTRID: `cl-${seed}-${number}`,
    svTRID: `${timestamp}.${seed}.${number}`,
    command: commands[mix(number + 7 * seed) % commands.length] ?? 'ping-async',
    timestamp,
  });
}

/** The same without what an event cannot do without: to be set aside, and to block nothing. */
export function poisoned({ id, svTRID, xml }: Notification): Notification {
  return { id, svTRID, xml: xml.replace(/<code>.*<\/code>/, '') };
}
