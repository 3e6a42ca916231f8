import { connectors } from '../../../connectors/index.ts';
import { type Loaded, type LoadOptions, loadConfiguration } from '../../../src/config/load.ts';
import { sinkTypes } from '../../../src/sinks/index.ts';

/** Secret values that no finding and no print of a configuration may show. */
export const canaries = { token: 'canary-token-5f2c', key: 'canary-key-91ab', file: 'canary-file-c07d' } as const;

const env = {
  FENERGO_TOKEN: canaries.token,
  ADMIN_TOKEN: canaries.token,
  API_KEY: canaries.key,
  API_USER: 'ferry',
  EVERY: '15s',
  EMPTY: '',
};

const files: Readonly<Record<string, string>> = {
  '/run/secrets/kafka': `${canaries.file}\n`,
  '/run/secrets/fenergo': `${canaries.file}\r\n`,
  '/run/secrets/empty': '\n',
};

async function readFile(path: string): Promise<string> {
  const content = files[path];
  if (content === undefined) throw Object.assign(new Error(`no ${path}`), { code: 'ENOENT' });
  return content;
}

/** Loads with every connector and sink there is. */
export function load(text: string, options: Partial<LoadOptions> = {}): Promise<Loaded> {
  return loadConfiguration({ file: '/etc/feedferry.yaml', text, connectors, sinkTypes, env, readFile, ...options });
}

/** `line:column CODE message hint`, one line for each finding. */
export function lines({ findings }: Loaded): string[] {
  return findings.map((finding) => {
    const place = finding.subject.split(':').slice(-2).join(':');
    if (finding.severity === 'ok') return `${place} ok`;
    return `${place} ${finding.code} ${[finding.message, finding.hint].filter(Boolean).join(' ')}`;
  });
}

/** A good file, into which a test puts what it is about. */
export function configText(parts: { from?: string; rest?: string } = {}): string {
  return `version: 1
brokers:
  local: { type: log, dir: ./events }
${parts.rest ?? ''}
pipelines:
  fenergo:
    from:
      connector: fenergo
      baseUrl: https://api.example.com
      feeds: [journey]
${parts.from ?? ''}
    to: { broker: local }
`;
}
