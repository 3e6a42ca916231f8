/** What a person sees after these bytes came to a terminal that is tall enough and never wraps. */
export interface Seen {
  /** Without colours and trailing spaces, and without empty lines at the end. */
  readonly lines: readonly string[];
  readonly cursorVisible: boolean;
  /** How often the cursor was moved up: how often something was drawn again in its place. */
  readonly redraws: number;
}

const controlSequence = '\x1b[';
const command = /^(\??)(\d*)([A-Za-z])/;

/** Understands what is needed for drawing in place; throws for anything else. */
export function seenOn(output: string): Seen {
  const rows: string[] = [''];
  let row = 0;
  let column = 0;
  let cursorVisible = true;
  let redraws = 0;

  function obey(mark: string, digits: string, letter: string): void {
    const name = `${mark}${letter}`;
    if (name === 'm') return;
    if (name === 'A') {
      row -= Number(digits || '1');
      redraws += 1;
      if (row < 0) throw new Error('the cursor was moved above the first line');
    } else if (name === 'K' || name === 'J') {
      rows[row] = (rows[row] ?? '').slice(0, column);
      if (name === 'J') rows.length = row + 1;
    } else if (digits === '25' && (name === '?h' || name === '?l')) cursorVisible = name === '?h';
    else throw new Error(`the terminal does not know ${JSON.stringify(`${mark}${digits}${letter}`)}`);
  }

  for (let at = 0; at < output.length; ) {
    if (output.startsWith(controlSequence, at)) {
      const [whole = '', mark = '', digits = '', letter = ''] =
        command.exec(output.slice(at + controlSequence.length)) ?? [];
      at += controlSequence.length + whole.length;
      obey(mark, digits, letter);
      continue;
    }
    const character = output.charAt(at);
    at += 1;
    if (character === '\r') column = 0;
    else if (character === '\n') {
      row += 1;
      column = 0;
      rows[row] ??= '';
    } else {
      const text = (rows[row] ?? '').padEnd(column);
      rows[row] = text.slice(0, column) + character + text.slice(column + 1);
      column += 1;
    }
  }
  const lines = rows.map((line) => line.trimEnd());
  while (lines.at(-1) === '') lines.pop();
  return { lines, cursorVisible, redraws };
}
