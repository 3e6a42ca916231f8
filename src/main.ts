#!/usr/bin/env node
import { readFileSync } from 'node:fs';
import process from 'node:process';
import type { Host, StopSignal } from './cli/host.ts';
import { isNewEnough, neededNode } from './cli/node-version.ts';

/** Handles that a command leaves behind do not keep the process alive for longer. */
const lingerMs = 1_000;

/** The package's own, whether this file runs from `src` or from `dist/src`. */
function version(): string {
  for (const path of ['../package.json', '../../package.json']) {
    try {
      return (JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as { version: string }).version;
    } catch {
      // The other one, then.
    }
  }
  return 'unknown';
}

function onSignal(handler: (signal: StopSignal) => void): () => void {
  const onInterrupt = () => handler('SIGINT');
  const onTerminate = () => handler('SIGTERM');
  process.on('SIGINT', onInterrupt);
  process.on('SIGTERM', onTerminate);
  return () => {
    process.off('SIGINT', onInterrupt);
    process.off('SIGTERM', onTerminate);
  };
}

function onHangup(handler: () => void): () => void {
  process.on('SIGHUP', handler);
  return () => {
    process.off('SIGHUP', handler);
  };
}

/** As process 1, in a container, nothing ends on a signal that nobody listens to. Without a drain to do, all may. */
function endOnSignal(signal: StopSignal, exitCode: number): void {
  process.on(signal, () => {
    if (process.listenerCount(signal) === 1) process.exit(exitCode);
  });
}

function refuseOldNode(): never {
  const { version, execPath } = process;
  process.stderr.write(`feedferry needs ${neededNode}; ${execPath} is ${version}.\n`);
  process.exit(1);
}

if (!isNewEnough(process.versions.node)) refuseOldNode();
if (process.pid === 1) {
  endOnSignal('SIGINT', 130);
  endOnSignal('SIGTERM', 143);
}

const host: Host = {
  args: process.argv.slice(2),
  env: process.env,
  pid: process.pid,
  version: version(),
  stdin: { stream: process.stdin, isTTY: process.stdin.isTTY },
  stdout: process.stdout,
  stderr: process.stderr,
  onSignal,
  onHangup,
  onCrash: (handler) => {
    process.setUncaughtExceptionCaptureCallback(null);
    process.setUncaughtExceptionCaptureCallback(handler);
  },
  exit: (code) => process.exit(code),
};

// Whoever reads our output may have had enough (`| head`): that is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1));

// Only now: an old Node.js could not load it.
const { runProgram } = await import('./cli/program.ts');
process.exitCode = await runProgram(host);
setTimeout(() => process.exit(), lingerMs).unref();
