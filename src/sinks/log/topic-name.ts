import { BridgeError } from '../../core/errors.ts';

/** Leaves room for file systems that allow 255 bytes in a name. */
const maxLength = 200;

function fault(topic: string): string | undefined {
  if (topic === '') return 'is empty';
  if (Buffer.byteLength(topic) > maxLength) return `is longer than ${maxLength} bytes`;
  if (topic.startsWith('.')) return 'begins with a dot';
  if (topic.includes('..')) return 'contains ".."';
  if (/[/\\]/.test(topic)) return 'contains a slash';
  if (/\p{Cc}/u.test(topic)) return 'contains control characters';
  if (!topic.isWellFormed()) return 'is not well-formed Unicode';
  return undefined;
}

/** Throws EVENT_UNROUTABLE for a name that cannot be the name of a folder within the log. */
export function checkTopicName(topic: string): void {
  const found = fault(topic);
  if (found === undefined) return;
  const shown = JSON.stringify(topic.length > maxLength ? `${topic.slice(0, maxLength)}…` : topic);
  throw new BridgeError('EVENT_UNROUTABLE', `topic ${shown} ${found}`, {
    hint: 'Topics are folders of the log: choose a template whose attributes are fit for names.',
  });
}
