import { once } from 'node:events';
import { connect } from 'node:net';

/** Speaks IMAP by itself, in lines: what tests look with shares no fault with what they look at. */
export interface RawImap extends AsyncDisposable {
  /** Gives the answer's lines without the last one; rejects when that is not OK. */
  command(text: string): Promise<readonly string[]>;
  /** Puts a mail into a folder, unmarked. Line ends become CRLF. */
  append(folder: string, mail: string | Buffer): Promise<void>;
  /** The flags of each mail of a folder, in the order of their UIDs. */
  flags(folder: string): Promise<readonly { readonly uid: number; readonly flags: readonly string[] }[]>;
  /** How many mails are in a folder. */
  count(folder: string): Promise<number>;
}

/** Logs in at 127.0.0.1 with the password `secret`. */
export async function rawImap(port: number, user: string): Promise<RawImap> {
  const socket = connect(port, '127.0.0.1');
  socket.setNoDelay(true);
  await once(socket, 'connect');
  let received = '';
  let look = () => {};
  let broken: Error | undefined;
  socket.setEncoding('latin1').on('data', (chunk: string) => {
    received += chunk;
    look();
  });
  socket.on('error', () => {});
  socket.once('close', () => {
    broken = new Error('the server has closed the connection');
    look();
  });
  let number = 0;
  let last: Promise<unknown> = Promise.resolve();

  function until(end: RegExp): Promise<string> {
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    look = () => {
      const found = end.exec(received);
      if (found) {
        const text = received.slice(0, found.index + found[0].length);
        received = received.slice(text.length);
        resolve(text);
      } else if (broken) reject(broken);
    };
    look();
    return promise;
  }

  async function send(text: string, literal?: Buffer): Promise<readonly string[]> {
    const tag = `t${++number}`;
    socket.write(`${tag} ${text}\r\n`);
    if (literal) {
      await until(/^\+ .*\r\n/m);
      socket.write(literal);
      socket.write('\r\n');
    }
    const answer = await until(new RegExp(`^${tag} .*\\r\\n`, 'm'));
    const lines = answer.trimEnd().split('\r\n');
    const end = lines.pop() ?? '';
    if (!end.startsWith(`${tag} OK`)) throw new Error(`${text}: ${end}`);
    return lines;
  }

  /** One after the other. */
  function inTurn<T>(act: () => Promise<T>): Promise<T> {
    const done = last.then(act);
    last = done.catch(() => {});
    return done;
  }

  await until(/^\* OK.*\r\n/m);
  await send(`LOGIN ${user} secret`);
  return {
    command: (text) => inTurn(() => send(text)),
    async append(folder, mail) {
      const bytes = typeof mail === 'string' ? Buffer.from(mail.replaceAll(/\r?\n/g, '\r\n')) : mail;
      await inTurn(() => send(`APPEND "${folder}" {${bytes.length}}`, bytes));
    },
    flags: (folder) =>
      inTurn(async () => {
        await send(`EXAMINE "${folder}"`);
        const lines = await send('UID FETCH 1:* (FLAGS)');
        return lines.flatMap((line) => {
          const found = /UID (\d+) FLAGS \(([^)]*)\)/.exec(line) ?? undefined;
          return found
            ? [{ uid: Number(found[1]), flags: (found[2] ?? '').split(' ').filter((flag) => flag !== '') }]
            : [];
        });
      }),
    count: (folder) =>
      inTurn(async () => {
        const [line = ''] = await send(`STATUS "${folder}" (MESSAGES)`);
        return Number(/MESSAGES (\d+)/.exec(line)?.[1]);
      }),
    async [Symbol.asyncDispose]() {
      socket.destroy();
    },
  };
}
