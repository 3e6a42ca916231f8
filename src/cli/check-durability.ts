import { toBridgeError } from '../core/errors.ts';
import type { Finding } from '../core/finding.ts';

/** Whether what is kept in the state folder survives the container. */
export async function checkDurability(dir: string): Promise<readonly Finding[]> {
  const { durability } = await import('../state/durability.ts');
  try {
    const found = await durability(dir);
    if (found === 'durable') return [{ severity: 'ok', subject: dir, message: 'is on a durable file system' }];
    return [
      {
        severity: 'warning',
        subject: dir,
        code: 'STATE_NOT_DURABLE',
        message: `it is on ${found.notDurable}: dead letters and positions would be lost with the container`,
        hint: 'Mount a volume there.',
      },
    ];
  } catch (thrown) {
    const { code, message, hint } = toBridgeError(thrown);
    return [{ severity: 'error', subject: dir, code, message, hint }];
  }
}
