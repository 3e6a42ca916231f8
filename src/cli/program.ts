import { Command, CommanderError } from 'commander';
import { BridgeError } from '../core/errors.ts';
import { addAudit } from './audit.ts';
import { addCheck } from './check.ts';
import { addExample, type Cli, createCli } from './cli.ts';
import { addConnectors } from './connectors.ts';
import { addCursor } from './cursor.ts';
import { addDeadLetters } from './dead-letters.ts';
import { addDiscard } from './discard.ts';
import { errorReport } from './error-report.ts';
import type { Host } from './host.ts';
import { addLedger } from './ledger.ts';
import { addParked } from './parked.ts';
import { addPauseAndResume } from './pause.ts';
import { addProbe } from './probe.ts';
import { addRegister } from './register.ts';
import { addRehearse } from './rehearse.ts';
import { addReload } from './reload.ts';
import { addReplay } from './replay.ts';
import { addRun } from './run.ts';
import { addSchema } from './schema.ts';
import { addSetAside } from './set-aside.ts';
import { addSim } from './sim.ts';
import { addSpool } from './spool.ts';
import { addTrace } from './trace.ts';

const usageExitCode = 2;

function createProgram(cli: Cli): Command {
  const { host } = cli;
  const program = new Command('feedferry')
    .description(
      'Carries events from APIs to Kafka, RabbitMQ or SQS, and tells the API "done" only after the broker has confirmed.',
    )
    .version(host.version)
    .configureOutput({
      writeOut: (text) => host.stdout.write(text),
      writeErr: (text) => host.stderr.write(text),
      outputError: (text, write) => write(text.replace(/^error: /, 'feedferry  USAGE  ')),
    })
    .exitOverride()
    .showHelpAfterError('`feedferry COMMAND --help` explains each command, with an example.');
  const adders = [
    addRun,
    addCheck,
    addPauseAndResume,
    addDeadLetters,
    addParked,
    addSetAside,
    addDiscard,
    addLedger,
    addTrace,
    addAudit,
    addSpool,
    addRegister,
    addRehearse,
    addReplay,
    addCursor,
    addReload,
    addConnectors,
    addSchema,
    addSim,
    addProbe,
  ];
  for (const add of adders) add(program, cli);
  return addExample(program, 'sim fenergo', 'check -c feedferry.yaml', 'run -c feedferry.yaml');
}

function wantsStack({ args }: Host): boolean {
  return args.some(
    (arg, index) => /^(--log-level=)?(debug|trace)$/.test(arg) && /^--log-level/.test(args[index - 1] ?? arg),
  );
}

/** Runs one command. Gives the exit code: 0 done, 1 failed, 2 called wrongly. Never rejects. */
export async function runProgram(host: Host): Promise<number> {
  const cli = createCli(host);
  const failed = (error: unknown) => cli.remark(errorReport(cli.subject, error, { stack: wantsStack(host) }));
  host.onCrash((error) => {
    failed(error);
    host.exit(1);
  });
  try {
    await createProgram(cli).parseAsync([...host.args], { from: 'user' });
    return cli.exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : usageExitCode;
    failed(error);
    return error instanceof BridgeError && error.code === 'USAGE' ? usageExitCode : 1;
  }
}
