import type { CatalogueEntry } from './entry.ts';

export const configErrors = {
  CONFIG_UNREADABLE: {
    disposition: 'fatal',
    summary: 'The configuration file cannot be read.',
    runbook: 'Check the path after `-c`, that the file is mounted, and that the user the bridge runs as may read it.',
  },
  CONFIG_SYNTAX: {
    disposition: 'fatal',
    summary: 'The configuration is not well-formed YAML.',
    runbook: 'Mend the file at the line and column given. Indentation and missing quotes are the usual causes.',
  },
  CONFIG_DUPLICATE_KEY: {
    disposition: 'fatal',
    summary: 'A key stands twice in the same mapping.',
    runbook: 'Keep one of the two. The bridge never chooses between them.',
  },
  CONFIG_UNKNOWN_KEY: {
    disposition: 'fatal',
    summary: 'A key is not known at this place.',
    runbook: 'Look at the suggestion in the message. Keys are case-sensitive; `feedferry schema` prints all of them.',
  },
  CONFIG_MISSING_KEY: {
    disposition: 'fatal',
    summary: 'A required key is absent.',
    runbook: 'Add it at the place given. `feedferry schema` prints what each place needs.',
  },
  CONFIG_INVALID: {
    disposition: 'fatal',
    summary: 'A value is of the wrong kind or out of range.',
    runbook: 'Read the message: it says what is accepted, with an example.',
  },
  CONFIG_UNSAFE: {
    disposition: 'fatal',
    summary: 'A setting weakens a promise of the bridge.',
    runbook: 'Remove it. A setting that can lose confirmed events is refused rather than warned about.',
  },
  CONFIG_UNKNOWN_CONNECTOR: {
    disposition: 'fatal',
    summary: 'There is no connector of this name.',
    runbook: 'Look at the suggestion in the message; the README lists the connectors.',
  },
  CONFIG_UNKNOWN_BROKER: {
    disposition: 'fatal',
    summary: 'A pipeline names a broker that is not declared, or a broker has an unknown type.',
    runbook: 'Declare it under `brokers`, or correct the name.',
  },
  CONFIG_UNKNOWN_FEED: {
    disposition: 'fatal',
    summary: 'The upstream has no feed of this name.',
    runbook: 'Feed names are case-sensitive. Use the spelling that the message suggests.',
  },
  SECRET_MISSING: {
    disposition: 'fatal',
    summary: 'A secret reference (`${env:…}` or `${file:…}`) leads nowhere.',
    runbook: 'Set the environment variable or mount the file. An empty secret counts as missing.',
  },
  CONFIG_NEEDS_RESTART: {
    disposition: 'fatal',
    summary: 'A setting has changed that cannot be changed while the bridge runs.',
    runbook: 'Restart the bridge with the new file, or take that change back and reload. Nothing was applied.',
  },
  CONFIG_ORPHANS_STATE: {
    disposition: 'fatal',
    summary: 'A change would leave behind what is kept for a feed that is gone or has another name.',
    runbook:
      'Nothing was applied. Keep the name; or first let the feed deliver and complete what it has, and release or discard its parked keys.',
  },
} as const satisfies Record<string, CatalogueEntry>;
