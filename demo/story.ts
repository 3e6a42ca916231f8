import { feedNames } from '../connectors/fenergo/feeds.ts';
import type { BridgeProcess } from './bridge-process.ts';
import { next, samples, summary } from './epilogue.ts';
import { answerAsUsual, batchesPerFeed, batchSize, events, loseCompletes } from './platform.ts';
import { openStage, type Stage, type StageOptions } from './stage.ts';
import { isAsPromised, judge } from './verdict.ts';

const refusalMs = 3_000;
/** What a person needs to see that nothing moves. */
const lookMs = 1_200;

const number = new Intl.NumberFormat('en');

function count(amount: number, one: string, many: string): string {
  return `${number.format(amount)} ${amount === 1 ? one : many}`;
}

function completedShare({ progress }: Stage): number {
  const completed = progress.feeds().reduce((sum, feed) => sum + feed.completed, 0);
  return completed / (batchesPerFeed * feedNames.length);
}

/** What a bridge that lies would be caught at: batches completed that the log does not have. Gives how many events. */
async function completedEarly({ simulator, events }: Stage): Promise<number> {
  return (await judge(simulator.ledger(), events)).early;
}

/** The sink takes nothing for a while. Gives the number of events completed all the same. */
async function refuse(stage: Stage, bridge: BridgeProcess): Promise<number> {
  const { progress, simulator } = stage;
  bridge.tell('refuse');
  stage.say('From now on the sink refuses.');
  await stage.until(() => progress.refused.size === feedNames.length);

  const before = simulator.requests().length;
  const completes = () =>
    simulator
      .requests()
      .slice(before)
      .filter(({ call }) => call === 'complete').length;
  const told = () =>
    `sink refuses: ${progress.refused.size} batches published to nobody, completes sent meanwhile: ${completes()}`;
  stage.remark(told, 'waiting');
  await stage.wait(refusalMs);
  stage.say(told());
  const early = completes() + (await completedEarly(stage));

  bridge.tell('accept');
  stage.remark(() => 'the sink takes events again; they are offered to it after a back-off', 'waiting');
  const confirmed = progress.confirmed();
  await stage.until(() => progress.confirmed() >= confirmed + feedNames.length);
  stage.say('The sink takes events again: confirmed first, and then completed.');
  return early;
}

/** Kills the bridge where it hurts most, and starts it again. */
async function killAndRestart(stage: Stage, bridge: BridgeProcess): Promise<{ bridge: BridgeProcess; early: number }> {
  const { progress, simulator } = stage;
  loseCompletes(simulator);
  const lost = () => simulator.requests().filter(({ call, status }) => call === 'complete' && status === 0).length;
  await stage.until(() => lost() >= feedNames.length / 2);
  await bridge.kill();
  stage.say(`kill -9 of the bridge, with ${count(lost(), 'batch', 'batches')} confirmed and not yet completed.`);
  stage.remark(() => 'the bridge is dead; the platform keeps its batches', 'bad');
  const early = await completedEarly(stage);
  answerAsUsual(simulator);
  await stage.wait(lookMs);

  const restarted = await stage.startBridge();
  stage.remark(() => 'the bridge runs again');
  const before = progress.feeds();
  await stage.until(() =>
    progress.feeds().every(({ completed }, index) => completed > (before[index]?.completed ?? 0)),
  );
  const known = count(progress.recognised.size, 'batch', 'batches');
  stage.say(`A new bridge goes on; ${known} of its ledger: completed, not sent again.`);
  return { bridge: restarted, early };
}

/** Plays the demo. Resolves to whether all was as promised; rejects when it could not be played to its end. */
export async function play(options: StageOptions): Promise<boolean> {
  await using stage = await openStage(options);
  const { screen, simulator } = stage;
  stage.say(`A Fenergo platform, simulated: ${feedNames.length} feeds with ${number.format(events)} events in all.`);
  stage.remark(() => 'the bridge is being started', 'waiting');
  const first = await stage.startBridge();
  stage.say('The bridge carries them into the embedded log.');
  stage.remark(() => 'each batch is completed after its confirm');
  await stage.until(() => completedShare(stage) >= 0.25);
  const early = await refuse(stage, first);
  stage.remark(() => 'each batch is completed after its confirm');
  await stage.until(() => completedShare(stage) >= 0.6);
  const second = await killAndRestart(stage, first);
  stage.remark(() => 'each batch is completed after its confirm');
  await stage.until(() => completedShare(stage) === 1);
  await second.bridge.stop();
  stage.say('Everything is completed; the bridge has stopped.');
  stage.settle();

  const verdict = await judge(simulator.ledger(), stage.events);
  const whole = { ...verdict, early: verdict.early + early + second.early };
  const asPromised = isAsPromised(whole, events, batchSize);
  const last = [summary(whole, asPromised), await samples(stage.events, screen.columns), next];
  screen.say(...last.flatMap((lines, index) => (index === 0 ? lines : ['', ...lines])));
  return asPromised;
}
