import { shellWord } from '../shell-word.ts';
import type { SqsBroker } from './config.ts';
import { isFifo } from './queue-name.ts';

type Access = Pick<SqsBroker, 'region' | 'endpoint'>;

function command(verb: string, { region, endpoint }: Access, options: readonly string[]): string {
  const where = ['--region', region, ...(endpoint === undefined ? [] : ['--endpoint-url', endpoint])];
  return ['aws', 'sqs', verb, ...where, ...options].map(shellWord).join(' ');
}

export function createQueueCommand(name: string, access: Access): string {
  const kind = isFifo(name) ? ['--attributes', 'FifoQueue=true'] : [];
  return command('create-queue', access, ['--queue-name', name, ...kind]);
}

/** `setting`: as in `MaximumMessageSize=1048576`. */
export function setAttributeCommand(url: string, access: Access, setting: string): string {
  return command('set-queue-attributes', access, ['--queue-url', url, '--attributes', setting]);
}
