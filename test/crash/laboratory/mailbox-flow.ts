import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { startOwnDovecot } from '../../support/dovecot/own-dovecot.ts';
import { type RawImap, rawImap } from '../../support/dovecot/raw-imap.ts';
import { notify, textMail } from '../../support/mailbox/mail.ts';
import { makeMailboxHome } from '../../support/mailbox/mailbox-home.ts';
import { startMarkWitness } from '../../support/mailbox/mark-witness.ts';
import type { Ground } from '../ground.ts';
import { asJourney } from '../hook-kills.ts';
import type { Flow } from './flow.ts';
import { createWitness } from './witness.ts';

const user = 'flow';
/** Between two mails, each with two notifications. */
const pauseMs = 10;
/** Marked after the call, whatever was on its way before. */
const fresh = 3;
const idsOf = (uid: number) => [`${uid}a`, `${uid}b`];

/** Puts mails into a mailbox, one after the other. */
function startPosting({ append }: Pick<RawImap, 'append'>) {
  let posted = 0;
  let ending = false;
  async function post(): Promise<void> {
    while (!ending) {
      await append(
        'INBOX',
        textMail(
          idsOf(posted + 1)
            .map(notify)
            .join('\n'),
        ),
      );
      posted += 1;
      await delay(pauseMs);
    }
  }
  const posting = post();
  return {
    posted: () => posted,
    async stop() {
      ending = true;
      await posting;
    },
  };
}

/** A mailbox on a server of its own, into which notifications come. */
export async function mailboxFlow(ground: Ground): Promise<Flow> {
  await using resources = new AsyncDisposableStack();
  const server = await startOwnDovecot();
  resources.defer(() => server.stop());
  const imap = resources.use(await rawImap(server.port, user));
  const posting = startPosting(imap);
  resources.defer(posting.stop);
  const witness = createWitness(ground);
  const marks = resources.use(await startMarkWitness(server.port, (uid) => witness.told(idsOf(uid))));
  const home = resources.use(await makeMailboxHome({ port: marks.port, user }, asJourney(ground.destination)));
  const unmarked = async () =>
    (await imap.flags('INBOX')).filter(({ flags }) => !flags.includes('$FeedferryDone')).length;
  const held = resources.move();
  return {
    configFile: home.configFile,
    stateDir: home.stateDir,
    // A mark comes every few milliseconds: so long after one, everything can be going on.
    scatterMs: 20,
    // One mail.
    mostInHand: 2,
    flowed: () => marks.reached(marks.marks.length + fresh),
    async finish() {
      await posting.stop();
      await expect.poll(unmarked, { timeout: 60_000, interval: 200 }).toBe(0);
    },
    promised: () => Array.from({ length: posting.posted() }, (_, at) => idsOf(at + 1)).flat(),
    isWhole: ({ id, data }) => (data as { readonly xml?: unknown }).xml === notify(id),
    spool: undefined,
    witness,
    [Symbol.asyncDispose]: () => held.disposeAsync(),
  };
}
