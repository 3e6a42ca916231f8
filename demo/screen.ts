/** Where the demo is watched. Disposing of it leaves the terminal as it was. */
export interface Screen extends Disposable {
  /** Columns that a line may fill. */
  readonly columns: number;
  /** A person watches: `show` is drawn in place. */
  readonly live: boolean;
  /** Writes lines that stay. */
  say(...lines: readonly string[]): void;
  /** Draws the display below all that was said, in place of what it was. */
  show(lines: readonly string[]): void;
  /** Leaves the display as it is; what is said next comes below it. */
  settle(): void;
}

/** A standard output. */
export interface Terminal {
  write(text: string): unknown;
  readonly isTTY: boolean;
  readonly columns?: number;
  readonly rows?: number;
}

const plainColumns = 80;
const smallest = { columns: 78, rows: 16 };

const control = '\x1b[';
const hideCursor = `${control}?25l`;
const showCursor = `${control}?25h`;
const eraseLine = `${control}K`;
const eraseBelow = `${control}J`;

function createLiveScreen(terminal: Terminal): Screen {
  let shown: readonly string[] = [];
  terminal.write(hideCursor);

  /** In one write, over what was there, so that nothing flickers. */
  function draw(said: readonly string[], display: readonly string[]): void {
    const up = shown.length === 0 ? '' : `${control}${shown.length}A`;
    const text = [...said, ...display].map((line) => `${line}${eraseLine}\n`).join('');
    terminal.write(`\r${up}${text}${eraseBelow}`);
    shown = display;
  }

  return {
    get columns() {
      return terminal.columns ?? plainColumns;
    },
    live: true,
    say: (...lines) => draw(lines, shown),
    show: (lines) => draw([], lines),
    settle: () => {
      shown = [];
    },
    [Symbol.dispose]: () => void terminal.write(showCursor),
  };
}

function createPlainScreen(terminal: Terminal): Screen {
  let shown: readonly string[] = [];
  const say = (...lines: readonly string[]): void => void terminal.write(lines.map((line) => `${line}\n`).join(''));
  return {
    columns: plainColumns,
    live: false,
    say,
    show: (lines) => {
      shown = lines;
    },
    settle: () => {
      say(...shown);
      shown = [];
    },
    [Symbol.dispose]: () => {},
  };
}

/** Live on a terminal that is large enough and can do it; otherwise plain lines, the last display among them. */
export function createScreen(terminal: Terminal, term: string | undefined): Screen {
  const { columns = 0, rows = 0 } = terminal;
  const live = terminal.isTTY && term !== 'dumb' && columns >= smallest.columns && rows >= smallest.rows;
  return live ? createLiveScreen(terminal) : createPlainScreen(terminal);
}
