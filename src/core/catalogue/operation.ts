import type { CatalogueEntry } from './entry.ts';

export const operationErrors = {
  USAGE: {
    disposition: 'fatal',
    summary: 'A command was called in a way that it does not understand.',
    runbook: 'Each command explains itself with `--help`, with an example.',
  },
  FEED_UNKNOWN: {
    disposition: 'fatal',
    summary: 'The configuration has no feed of this name.',
    runbook: 'A feed is named `pipeline/feed`, as in `fenergo/journey`; the message lists those there are.',
  },
  FEED_NOT_CAPABLE: {
    disposition: 'fatal',
    summary: 'The feed’s upstream has no such operation.',
    runbook: 'The connector’s README says which operations its upstream offers.',
  },
  NOT_FOUND: {
    disposition: 'fatal',
    summary: 'There is nothing of this name.',
    runbook: 'List what there is with the command’s `list`.',
  },
  DISCARD_UNVERIFIED: {
    disposition: 'fatal',
    summary: 'The upstream accepted a discard, but old events are still there.',
    runbook: 'Call it again. On a feed that was long unused it may need several tries.',
  },
  ADMIN_UNREACHABLE: {
    disposition: 'fatal',
    summary: 'A daemon holds the state, but its admin listener does not answer.',
    runbook:
      'Run the command where the daemon runs (the listener is on loopback by default), with the same configuration.',
  },
  ADMIN_REFUSED: {
    disposition: 'fatal',
    summary: 'The admin listener refused the request.',
    runbook: 'The message says why; usually the token of `admin` is missing or wrong.',
  },
  LISTEN_FAILED: {
    disposition: 'fatal',
    summary: 'A listener cannot be opened.',
    runbook: 'The port is taken or forbidden. Choose another one under `listen`.',
  },
  NOT_RUNNING: {
    disposition: 'fatal',
    summary: 'No daemon runs on this state.',
    runbook: 'Start one with `feedferry run`: it reads the configuration as it is then.',
  },
  STOPPING: {
    disposition: 'retryable',
    summary: 'The bridge is being stopped.',
    runbook: 'Nothing to do: what was not confirmed stays upstream and comes again after the start.',
  },
  INTERNAL: {
    disposition: 'fatal',
    summary: 'Something failed that should not: a bug in the bridge.',
    runbook:
      'Nothing was acknowledged. Please report it with the log around it; the feed is probed again every few minutes.',
  },
} as const satisfies Record<string, CatalogueEntry>;
