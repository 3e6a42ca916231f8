import { type BridgeError, toBridgeError } from '../core/errors.ts';
import { adviceFor, sentence } from '../telemetry/error-text.ts';

/** Wider than this, the hint gets a line of its own. */
const lineWidth = 120;

function withAdvice(subject: string, error: BridgeError): string {
  const head = `${subject}  ${error.code}  ${sentence(error.message)}`;
  const advice = adviceFor(error, subject);
  const oneLine = `${head} ${advice}`;
  return oneLine.length <= lineWidth ? oneLine : `${head}\n${' '.repeat(subject.length + 2)}${advice}`;
}

/** How a command says that it failed: `subject  CODE  message hint`. A stack only for a bug, and only when asked for. */
export function errorReport(subject: string, thrown: unknown, options: { readonly stack: boolean }): string {
  const error = toBridgeError(thrown);
  const origin = error.cause instanceof Error ? error.cause : error;
  const stack = options.stack && error.code === 'INTERNAL' ? `\n${origin.stack}` : '';
  return `${withAdvice(subject, error)}${stack}`;
}
