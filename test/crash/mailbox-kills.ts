import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'vitest';
import { dice } from '../../connectors/fenergo/simulator/mix.ts';
import { startBridge } from '../support/bridge/start-bridge.ts';
import type { OwnDovecot } from '../support/dovecot/own-dovecot.ts';
import { rawImap } from '../support/dovecot/raw-imap.ts';
import { notify, textMail } from '../support/mailbox/mail.ts';
import { makeMailboxHome } from '../support/mailbox/mailbox-home.ts';
import { startMarkWitness } from '../support/mailbox/mark-witness.ts';
import type { Ground } from './ground.ts';
import { asJourney, idsAt } from './hook-kills.ts';
import { full, killMoments, seed } from './scale.ts';

const mails = full ? 2_000 : 300;
/** A mark comes every few milliseconds: so long after one, everything can be going on. */
const scatterMs = 20;
const roll = dice(seed + 5);

/** One to three notifications. */
function idsOf(uid: number): readonly string[] {
  return ['a', 'b', 'c'].slice(0, 1 + (uid % 3)).map((letter) => `${uid}${letter}`);
}

const uids = Array.from({ length: mails }, (_, at) => at + 1);
const expected = uids.flatMap(idsOf);

export type Marks = 'keyword' | 'move';

/**
 * Kills a bridge again and again in the midst of a mailbox, lets the last one come to its end, and expects that every
 * event is at the broker, in order; that no mail was marked before its events were there; and that each kill has doubled
 * the mail in hand at most.
 */
export async function killInMailbox(
  what: string,
  { server, ground, marks }: { readonly server: OwnDovecot; readonly ground: Ground; readonly marks: Marks },
  kills: number,
): Promise<void> {
  const user = `killed${Math.floor(roll() * 1e9)}`;
  await using imap = await rawImap(server.port, user);
  await imap.command('CREATE Processed');
  for (const uid of uids) await imap.append('INBOX', textMail(idsOf(uid).map(notify).join('\n')));

  const early: string[] = [];
  await using witness = await startMarkWitness(server.port, async (uid) => {
    early.push(...((await ground.absent?.('journey', idsOf(uid))) ?? []));
  });
  const mailbox = { port: witness.port, user, ...(marks === 'move' && { done: 'Processed' }) };
  await using home = await makeMailboxHome(mailbox, asJourney(ground.destination));

  for (const moment of killMoments(kills, mails)) {
    await using bridge = startBridge(home.configFile);
    await bridge.whileRunning(witness.reached(moment));
    await delay(roll() * scatterMs);
    await bridge.kill9();
  }
  await using last = startBridge(home.configFile);
  const unmarked = async () =>
    marks === 'move'
      ? imap.count('INBOX')
      : (await imap.flags('INBOX')).filter(({ flags }) => !flags.includes('$FeedferryDone')).length;
  await last.whileRunning(expect.poll(unmarked, { timeout: 120_000, interval: 200 }).toBe(0));
  expect(await last.sigterm()).toEqual({ code: 0, signal: null });

  const stored = await idsAt(ground);
  const firsts = [...new Set(stored)];
  const lost = expected.filter((id) => !firsts.includes(id));
  const doubled = uids.flatMap((uid) => {
    const [first = ''] = idsOf(uid);
    return Array.from({ length: Math.max(0, stored.filter((id) => id === first).length - 1) }, () => uid);
  });
  console.log(
    `${what}: ${kills} kills (seed ${seed}) in ${mails} mails with ${expected.length} events: ${lost.length} lost, ${doubled.length} mails doubled, ${early.length} marked early, ${witness.marks.length - mails} marked again`,
  );
  expect(lost).toEqual([]);
  expect(firsts).toEqual(expected);
  expect(early).toEqual([]);
  expect(doubled.length).toBeLessThanOrEqual(kills);
  const flags = (await imap.flags(marks === 'move' ? 'Processed' : 'INBOX')).flatMap((mail) => mail.flags);
  const others = new Set(flags.filter((flag) => flag !== '\\Recent'));
  expect([...others]).toEqual(marks === 'move' ? [] : ['$FeedferryDone']);
}
