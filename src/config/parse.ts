import { LineCounter, parseDocument } from 'yaml';
import { buildTree } from './build-tree.ts';
import type { ConfigNode, Position } from './node.ts';
import type { Refuse } from './problem.ts';
import { syntaxWords } from './syntax-words.ts';

const maxFileBytes = 1024 ** 2;
const start: Position = { line: 1, column: 1 };

/**
 * Reads YAML 1.2 (core schema) as untrusted input: bounded in size, depth and what aliases unfold to, one document,
 * text keys, no tags but the core ones. Gives no tree when the text is not well-formed.
 */
export function parseYaml(text: string, refuse: Refuse): ConfigNode | undefined {
  if (Buffer.byteLength(text) > maxFileBytes) {
    refuse({
      at: start,
      code: 'CONFIG_INVALID',
      message: 'The file is larger than 1 MiB.',
      hint: 'Is it the right one?',
    });
    return undefined;
  }
  const lines = new LineCounter();
  // A byte order mark would shift the columns of the first line.
  const document = parseDocument(text.replace(/^\uFEFF/, ''), {
    version: '1.2',
    schema: 'core',
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    resolveKnownTags: false,
  });
  const position = (offset: number): Position => {
    const { line, col } = lines.linePos(offset);
    return { line: Math.max(1, line), column: Math.max(1, col) };
  };
  // What is wrong with tags is said when the tree is built, in one voice.
  const faults = [...document.errors, ...document.warnings].filter(({ code }) => code !== 'TAG_RESOLVE_FAILED');
  const faultyLines = new Set<number>();
  for (const { code, pos } of faults) {
    const at = position(pos[0]);
    // A second fault in a line is usually the echo of the first.
    if (!faultyLines.has(at.line)) refuse({ at, code: 'CONFIG_SYNTAX', ...syntaxWords(code) });
    faultyLines.add(at.line);
  }
  if (faults.length > 0) return undefined;
  if (document.directives?.yaml.explicit === true && document.directives.yaml.version !== '1.2') {
    const message = 'The file declares another YAML version than 1.2.';
    refuse({ at: start, code: 'CONFIG_SYNTAX', message, hint: 'Remove the line that begins with %YAML.' });
    return undefined;
  }
  if (document.contents === null) {
    const hint = 'A configuration needs the keys version, brokers and pipelines.';
    refuse({ at: start, code: 'CONFIG_INVALID', message: 'The file is empty.', hint });
    return undefined;
  }
  return buildTree(document.contents, position, refuse);
}
