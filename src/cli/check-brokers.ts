import type { Configuration, DestinationDefinition, PipelineDefinition } from '../config/configuration.ts';
import type { FeedName } from '../core/batch.ts';
import type { ClaimSettings, ClaimStore } from '../core/claims.ts';
import { BridgeError, toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { ProxySettings } from '../http/channel.ts';
import { tokenOpener } from '../open-tokens.ts';
import { adviceFor } from '../telemetry/error-text.ts';
import { bounded } from './bounded.ts';
import { checkStore } from './check-store.ts';
import { type JudgeDisk, judgeDisk } from './judge-disk.ts';

/** Stands for a store: whoever is only checked puts nothing in. */
const noStore: ClaimStore = {
  async put() {
    throw new BridgeError('INTERNAL', 'a check keeps no content');
  },
  async [Symbol.asyncDispose]() {},
};

async function checkDestination(
  { name, feeds, delivery }: PipelineDefinition,
  to: DestinationDefinition,
  baseDir: string,
  proxy: ProxySettings,
  timeoutMs: number,
  judge: JudgeDisk,
): Promise<readonly Finding[]> {
  const { brokerName } = to;
  const late = () =>
    new BridgeError('BROKER_TIMEOUT', `broker ${brokerName} gave no answer within ${timeoutMs / 1_000} s`);
  const stores: ClaimSettings[] = [];
  const openClaims = async (settings: ClaimSettings) => {
    stores.push(settings);
    return noStore;
  };
  try {
    const found = await bounded(timeoutMs, late, async (signal) => {
      await using resources = new AsyncDisposableStack();
      const openTokens = tokenOpener({ proxy, subject: name, report: () => {} }, resources);
      const context = {
        pipeline: name,
        brokerName,
        baseDir,
        openTokens,
        openClaims,
        exactlyOnce: delivery === 'exactly-once',
      };
      await using sink = await to.sinkType.open(to.broker, to.destination, context);
      const names = feeds.map((feed): FeedName => `${name}/${feed.name}`);
      return await sink.check(names, signal);
    });
    return [...found, ...(await Promise.all(stores.map((store) => checkStore(store, baseDir, timeoutMs, judge))))];
  } catch (thrown) {
    const error = toBridgeError(thrown);
    const hint = adviceFor(error, name);
    return [{ severity: 'error', subject: name, code: error.code, message: error.message, hint }];
  }
}

/** What is found is about this setting of the pipeline, also where the sink speaks of a feed. */
async function checkAside(
  pipeline: PipelineDefinition,
  to: DestinationDefinition,
  baseDir: string,
  proxy: ProxySettings,
  timeoutMs: number,
  judge: JudgeDisk,
): Promise<readonly Finding[]> {
  const found = await checkDestination(pipeline, to, baseDir, proxy, timeoutMs, judge);
  return found.map((finding) =>
    finding.subject === pipeline.name || finding.subject.startsWith(`${pipeline.name}/`)
      ? { ...finding, subject: `${pipeline.name} ${to.name ?? ''}` }
      : finding,
  );
}

/** Destinations at one broker, and feeds at one destination, have much to say in common. */
function eachOnce(findings: readonly Finding[]): readonly Finding[] {
  const said = new Map(findings.map((finding) => [JSON.stringify(finding), finding]));
  return [...said.values()];
}

/** Whether the brokers of each pipeline are there, and take its events and its dead letters. */
export async function checkBrokers(
  configuration: Configuration,
  proxy: ProxySettings,
  timeoutMs: number,
  judge: JudgeDisk = judgeDisk,
): Promise<readonly Finding[]> {
  const { baseDir, pipelines } = configuration;
  const found = pipelines.flatMap((pipeline) => [
    ...pipeline.to.map((to) => checkDestination(pipeline, to, baseDir, proxy, timeoutMs, judge)),
    ...[pipeline.deadLetters, pipeline.bridgeEvents].flatMap((to) =>
      to === undefined ? [] : [checkAside(pipeline, to, baseDir, proxy, timeoutMs, judge)],
    ),
  ]);
  return eachOnce((await Promise.all(found)).flat());
}
