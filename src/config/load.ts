import { dirname, resolve } from 'node:path';
import type { AnyConnector } from '../core/connector.ts';
import type { Finding } from '../core/finding.ts';
import type { AnySinkType } from '../core/sink-type.ts';
import { refuseSmallSpool } from './ack.ts';
import { readBrokers } from './brokers.ts';
import type { Configuration, PipelineDefinition } from './configuration.ts';
import { fingerprintOf } from './fingerprint.ts';
import { refuseHooks } from './hooks-listen.ts';
import { type ConfigNode, childOf, locate, type Path, pointAt } from './node.ts';
import { parseYaml } from './parse.ts';
import { type DeclaredPipeline, readPipelines } from './pipelines.ts';
import { type Problem, toFindings } from './problem.ts';
import { hideSecrets } from './redact.ts';
import { refuseRegistrations } from './registrations.ts';
import { refuseRequests } from './requests-listen.ts';
import { frameSchema } from './schema.ts';
import { resolveSecrets } from './secrets.ts';
import { refuseFeedsPolledTwice, refuseSharedPort } from './unsafe.ts';
import { validate } from './validate.ts';

export interface LoadOptions {
  /** As findings should name it; its folder is where relative paths begin. */
  readonly file: string;
  readonly text: string;
  readonly connectors: readonly AnyConnector[];
  readonly sinkTypes: readonly AnySinkType[];
  /** For `${env:NAME}`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** For `${file:/path}`. */
  readFile(path: string): Promise<string>;
}

export interface Loaded {
  /** Absent when there is any finding. */
  readonly configuration?: Configuration;
  /** All that is wrong with the file, in its order. */
  readonly findings: readonly Finding[];
}

/** Reads a configuration file in one pass that finds everything wrong with it. Never rejects for what the file says. */
export async function loadConfiguration(options: LoadOptions): Promise<Loaded> {
  const { file, text, connectors, sinkTypes, env } = options;
  const problems: Problem[] = [];
  const refuse = (problem: Problem): void => void problems.push(problem);
  const refused = (): Loaded => ({ findings: toFindings(file, problems) });

  const written = parseYaml(text, refuse);
  if (written === undefined) return refused();

  const baseDir = dirname(resolve(file));
  const readFile = (path: string) => options.readFile(path);
  const { root, values } = await resolveSecrets(written, { env, readFile, baseDir }, refuse);

  const frame = validate(frameSchema, root, [], refuse);
  const brokers = readBrokers(childOf(root, 'brokers'), sinkTypes, refuse);
  const pipelines = await readPipelines(childOf(root, 'pipelines'), { connectors, brokers }, refuse);
  refuseFeedsPolledTwice(pipelines, refuse);
  if (frame) {
    const { node } = locate(root, ['state', 'spool', 'maxBytes']);
    refuseSmallSpool(node, frame.state.spool.maxBytes, pipelines, refuse);
  }
  if (frame) refuseSharedPort(frame.listen, pointAt(locate(root, ['listen', 'admin']).node), refuse);
  if (frame) refuseHooks(pipelines, childOf(root, 'listen'), frame.listen.hooks, refuse);
  if (frame) refuseRequests(pipelines, childOf(root, 'listen'), frame, refuse);
  if (frame) refuseRegistrations(pipelines, frame.publicUrl, refuse);
  if (frame === undefined || problems.length > 0) return { findings: hideSecrets(refused().findings, values) };

  const { dir, keepReceipts, keepRaw, spool } = frame.state;
  const { maxBytes, maxAge } = spool;
  return {
    configuration: {
      file,
      baseDir,
      state: {
        dir: resolve(baseDir, dir),
        keepReceiptsMs: keepReceipts,
        keepRawMs: keepRaw,
        spool: { maxBytes, ...(maxAge === undefined ? {} : { maxAgeMs: maxAge }) },
        position: positionOf(root, ['state', 'dir'], file),
      },
      listen: frame.listen,
      publicUrl: frame.publicUrl,
      listenPosition: positionOf(root, ['listen'], file),
      pipelines: pipelines.flatMap((pipeline) => definition(pipeline, root, file)),
    },
    findings: [],
  };
}

function definition(pipeline: DeclaredPipeline, root: ConfigNode, file: string): PipelineDefinition[] {
  const { name, at, upstream, to, deadLetters, bridgeEvents, ack, delivery, onPoison, archive } = pipeline;
  if (upstream === undefined || to === undefined) return [];
  const brokers = [...to, deadLetters, bridgeEvents].flatMap((one) => one ?? []).map(({ brokerName }) => brokerName);
  const fingerprint = fingerprintOf(root, name, brokers);
  const position = `${file}:${at.line}:${at.column}`;
  return [
    { name, ...upstream, to, deadLetters, bridgeEvents, ack, delivery, onPoison, archive, position, fingerprint },
  ];
}

function positionOf(root: ConfigNode, path: Path, file: string): string | undefined {
  const { node, lacks } = locate(root, path);
  return lacks === undefined ? `${file}:${node.at.line}:${node.at.column}` : undefined;
}
