import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import { type JudgeDisk, judgeDisk } from './judge-disk.ts';

const ledger = 'the ledger, without which what is open upstream is published twice';

/** What goes with a disk besides dead letters; undefined: nothing. */
function moreOf({ feeds, ack }: PipelineDefinition): string | undefined {
  if (ack === 'spool') return 'what is spooled, of which upstream was told that it is done';
  if (feeds.some(({ arrival }) => arrival.kind === 'mailbox')) return ledger;
  const polled = feeds.flatMap(({ arrival }) => (arrival.kind === 'poll' ? [arrival] : []));
  if (polled.length === 0) return undefined;
  return polled.every(({ protocol }) => protocol.complete !== undefined)
    ? ledger
    : 'its positions, without which everything is read again';
}

/** A pipeline whose dead letters, or spooled records, have no other home is not safe there. `copied`: the former have. */
function unsafe(pipeline: PipelineDefinition, { state }: Configuration, disk: string, copied: boolean): Finding {
  const { name, position, deadLetters, ack } = pipeline;
  const copies = deadLetters === undefined || copied ? '' : ', as those of its deadLetters';
  const elsewhere = deadLetters === undefined ? '' : ' at a broker elsewhere';
  const lost = [copied ? undefined : 'its dead letters', moreOf(pipeline)].filter((part) => part !== undefined);
  const wayOut = [
    ...(ack === 'spool' ? [`leave out \`ack: spool\` of ${name}`] : []),
    ...(copied ? [] : [`set deadLetters in ${name}${elsewhere}, so that there is a copy of each`]),
  ];
  return {
    severity: 'error',
    subject: state.position ?? position,
    code: 'STATE_NOT_DURABLE',
    message: `${state.dir} is on ${disk}${copies}: with the container, pipeline ${name} would lose ${lost.join(' and ')}`,
    hint: `Mount a volume there, or ${wayOut.join(' and ')}.`,
  };
}

/** The others lose what prevents repeats. */
function forgetful(pipelines: readonly PipelineDefinition[], { state }: Configuration, disk: string): Finding[] {
  const losers = pipelines.filter((pipeline) => moreOf(pipeline) !== undefined);
  if (losers.length === 0) return [];
  const names = losers.map(({ name }) => name).join(', ');
  const lost = new Set(losers.map(moreOf));
  return [
    {
      severity: 'warning',
      subject: state.dir,
      code: 'STATE_NOT_DURABLE',
      message: `it is on ${disk}: with the container, ${names} would lose ${[...lost].join('; ')}. Of dead letters there are copies`,
      hint: 'Mount a volume there.',
    },
  ];
}

/** Whether something outlives the container of which each dead letter has a copy. */
async function hasSafeCopies({ deadLetters }: PipelineDefinition, baseDir: string, judge: JudgeDisk): Promise<boolean> {
  if (deadLetters === undefined) return false;
  const disk = deadLetters.sinkType.disk(deadLetters.broker, baseDir);
  return disk === undefined || (await judge(disk)) === 'durable';
}

/**
 * Whether what is kept in the state folder survives the container. Where it does not, a pipeline that copies its dead
 * letters to no broker, or that is acknowledged from the spool, is an error.
 */
export async function checkDurability(
  configuration: Configuration,
  judge: JudgeDisk = judgeDisk,
): Promise<readonly Finding[]> {
  const { pipelines, baseDir } = configuration;
  const { dir } = configuration.state;
  try {
    const found = await judge(dir);
    if (found === 'durable') return [{ severity: 'ok', subject: dir, message: 'is on a durable file system' }];
    const { notDurable: disk } = found;
    const safe = await Promise.all(pipelines.map((pipeline) => hasSafeCopies(pipeline, baseDir, judge)));
    const losing = pipelines.flatMap((pipeline, at) => {
      const isCopied = safe[at] === true;
      return isCopied && pipeline.ack !== 'spool' ? [] : [unsafe(pipeline, configuration, disk, isCopied)];
    });
    const others = pipelines.filter(({ ack }, at) => safe[at] && ack !== 'spool');
    return [...losing, ...forgetful(others, configuration, disk)];
  } catch (thrown) {
    const { code, message, hint } = toBridgeError(thrown);
    return [{ severity: 'error', subject: dir, code, message, hint }];
  }
}
