import type { ErrorCode as YamlErrorCode } from 'yaml';

interface Words {
  readonly message: string;
  readonly hint: string;
}

const general: Words = {
  message: 'This is not well-formed YAML.',
  hint: 'Check indentation, quotes and brackets at this place and in the line before it.',
};

const quoting = 'Put the text in double quotes.';

/** The parser's codes in plain words. Its own texts may quote the file, and with it a secret. */
const words: Partial<Record<YamlErrorCode, Words>> = {
  BAD_INDENT: {
    message: 'The indentation does not fit the lines around it.',
    hint: 'Indent the keys of one mapping equally, with spaces.',
  },
  TAB_AS_INDENT: {
    message: 'A tab is used for indentation.',
    hint: 'YAML wants spaces: replace the tab by two of them.',
  },
  BAD_SCALAR_START: { message: 'A text begins with a character that YAML reserves.', hint: quoting },
  BAD_DQ_ESCAPE: {
    message: 'There is an unknown escape sequence between double quotes.',
    hint: 'Write \\\\ for a backslash, or use single quotes, where it has no meaning.',
  },
  MISSING_CHAR: {
    message: 'A closing quote, bracket, comma or colon is missing.',
    hint: 'Close what was opened at this place or before it; a key is followed by a colon and a space.',
  },
  MULTILINE_IMPLICIT_KEY: {
    message: 'A key runs over several lines.',
    hint: 'Usually a colon is missing in the line before, or a quote is not closed.',
  },
  BLOCK_AS_IMPLICIT_KEY: {
    message: 'A mapping cannot begin at this place.',
    hint: 'Usually a text contains ": ". Put it in double quotes, or begin the mapping in the next line.',
  },
  BLOCK_IN_FLOW: { message: 'Indented YAML cannot stand inside { } or [ ].', hint: 'Use one of the two styles.' },
  KEY_OVER_1024_CHARS: { message: 'A key is longer than 1,024 characters.', hint: general.hint },
  MULTIPLE_DOCS: {
    message: 'The file holds several YAML documents.',
    hint: 'Keep one of them: remove the line "---" and what does not belong to it.',
  },
  BAD_DIRECTIVE: { message: 'There is an unknown directive.', hint: 'Remove the line that begins with %.' },
  BAD_ALIAS: { message: 'An alias has no name.', hint: `If this is no alias: ${quoting.toLowerCase()}` },
  MULTIPLE_ANCHORS: { message: 'A value has two anchors.', hint: 'Keep one of them.' },
  RESOURCE_EXHAUSTION: { message: 'The file is nested too deeply.', hint: 'No setting is more than ten levels deep.' },
};

export function syntaxWords(code: YamlErrorCode): Words {
  return words[code] ?? general;
}
