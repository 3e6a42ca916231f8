import { connectors } from '../../connectors/index.ts';
import { configurationJsonSchema } from '../../src/config/json-schema.ts';
import { sinkTypes } from '../../src/sinks/index.ts';
import { crashPage } from './crash-page.ts';
import { defaultsPage } from './defaults-page.ts';
import { errorsPage } from './errors-page.ts';
import { jsonText } from './json-text.ts';

interface GeneratedFile {
  /** Below the root of the repository. */
  readonly path: string;
  readonly content: string;
}

/** Everything in the repository that is made from the sources, as it should be. */
export function generatedFiles(): readonly GeneratedFile[] {
  return [
    { path: 'config/feedferry.schema.json', content: jsonText(configurationJsonSchema(connectors, sinkTypes)) },
    { path: 'docs/crash-laboratory.md', content: crashPage() },
    { path: 'docs/errors.md', content: errorsPage() },
    { path: 'docs/reference/defaults.md', content: defaultsPage(connectors, sinkTypes) },
  ];
}
