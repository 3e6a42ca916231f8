import { formField } from '../../../src/kit/webhook-form.ts';
import { type JobUpstream, startJobUpstream } from './job-upstream.ts';

/** A WAPI whose notification of a command can be polled before the command is answered: with 1001, after `answer`. */
export interface LateWapi extends AsyncDisposable {
  readonly url: string;
  /** clTRIDs of commands so far. */
  readonly commands: readonly string[];
  answer(): void;
}

export async function startLateWapi(): Promise<LateWapi> {
  const answered = Promise.withResolvers<void>();
  const commands: string[] = [];
  let marked = 0;

  function next(): string {
    const clTRID = commands[marked];
    if (clTRID === undefined) return '<code>1003</code>';
    const ids = `<clTRID>${clTRID}</clTRID><svTRID>s${marked}</svTRID><command>ping-async</command><ID>${marked + 1}</ID>`;
    return `<code>1000</code><notify><code>1000</code>${ids}</notify>`;
  }

  const upstream: JobUpstream = await startJobUpstream(async ({ body }, response) => {
    const xml = Buffer.from(formField(Buffer.from(body), 'request') ?? []).toString();
    const say = (inside: string) =>
      response.writeHead(200, { 'content-type': 'text/xml' }).end(`<response>${inside}</response>`);
    const clTRID = /<clTRID>(.*)<\/clTRID>/.exec(xml)?.[1];
    if (clTRID !== undefined) {
      const number = commands.push(clTRID) - 1;
      await answered.promise;
      say(`<code>1001</code><svTRID>s${number}</svTRID>`);
    } else if (xml.includes('notify-poll-ack')) {
      marked += 1;
      say('<code>1002</code>');
    } else {
      say(next());
    }
  });
  return {
    url: upstream.url,
    commands,
    answer: answered.resolve,
    [Symbol.asyncDispose]: upstream[Symbol.asyncDispose],
  };
}
