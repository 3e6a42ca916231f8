import type { Configuration, PipelineDefinition } from '../config/configuration.ts';
import { toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';
import type { Durability } from '../state/durability.ts';

/** Says of a folder whether what is written there survives the container. */
export type JudgeDisk = (dir: string) => Promise<Durability>;

async function judgeDisk(dir: string): Promise<Durability> {
  const { durability } = await import('../state/durability.ts');
  return durability(dir);
}

/** What goes with a disk besides dead letters. */
function andMore({ feeds }: PipelineDefinition): string {
  return feeds.every(({ arrival }) => arrival.protocol.complete !== undefined)
    ? 'the ledger, without which a batch that is open upstream is published twice'
    : 'its positions, without which it is read from the start again';
}

/** A pipeline whose dead letters have no other home is not safe there. */
function unsafe(pipeline: PipelineDefinition, { state }: Configuration, disk: string): Finding {
  return {
    severity: 'error',
    subject: state.position ?? pipeline.position,
    code: 'STATE_NOT_DURABLE',
    message: `${state.dir} is on ${disk}: pipeline ${pipeline.name} would lose its dead letters with the container, and ${andMore(pipeline)}`,
    hint: `Mount a volume there, or set deadLetters in ${pipeline.name}: a broker has a copy of each then.`,
  };
}

/** The others lose what prevents repeats. */
function forgetful(pipelines: readonly PipelineDefinition[], { state }: Configuration, disk: string): Finding {
  const names = pipelines.map(({ name }) => name).join(', ');
  const lost = new Set(pipelines.map(andMore));
  return {
    severity: 'warning',
    subject: state.dir,
    code: 'STATE_NOT_DURABLE',
    message: `it is on ${disk}: with the container go, for ${names}, the dead letters here (deadLetters has the copies) and ${[...lost].join('; ')}`,
    hint: 'Mount a volume there.',
  };
}

/**
 * Whether what is kept in the state folder survives the container. Where it does not, a pipeline that copies its dead
 * letters to no broker is an error.
 */
export async function checkDurability(
  configuration: Configuration,
  judge: JudgeDisk = judgeDisk,
): Promise<readonly Finding[]> {
  const { dir } = configuration.state;
  try {
    const found = await judge(dir);
    if (found === 'durable') return [{ severity: 'ok', subject: dir, message: 'is on a durable file system' }];
    const { notDurable: disk } = found;
    const alone = configuration.pipelines.filter(({ deadLetters }) => deadLetters === undefined);
    const copied = configuration.pipelines.filter(({ deadLetters }) => deadLetters !== undefined);
    return [
      ...alone.map((pipeline) => unsafe(pipeline, configuration, disk)),
      ...(copied.length === 0 ? [] : [forgetful(copied, configuration, disk)]),
    ];
  } catch (thrown) {
    const { code, message, hint } = toBridgeError(thrown);
    return [{ severity: 'error', subject: dir, code, message, hint }];
  }
}
