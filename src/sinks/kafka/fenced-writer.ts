import { BridgeError, toBridgeError } from '../../core/errors.ts';
import type { FencedWriter, Outcome } from '../../core/fenced-writer.ts';
import type { Routed } from '../../core/sink.ts';
import { withDeadline } from '../deadline.ts';
import type { KafkaRecord } from './client.ts';
import { type Writing, writeTransaction } from './write-transaction.ts';

export interface WriterSettings extends Writing {
  readonly brokerName: string;
  /** Longest time for a transaction. */
  readonly confirmMs: number;
  /** The record that keeps a mark. */
  markRecord(mark: string): KafkaRecord;
  /** Called once it is closed. `isSpoilt`: a transaction has failed. */
  readonly onClosed: (isSpoilt: boolean) => void;
}

const spent = new BridgeError('NOT_SENT', 'a transaction before it has failed: the writer is of no use any more');

/** A writer whose client has fenced. `mark`: read after that. */
export function createFencedWriter(mark: string | undefined, settings: WriterSettings): FencedWriter {
  const { client, brokerName, confirmMs } = settings;
  let last = mark;
  let spoilt = false;

  async function transact(items: readonly Routed[], next: string, signal: AbortSignal): Promise<Outcome> {
    let committing = false;
    try {
      const written = await writeTransaction(settings, items, settings.markRecord(next), signal);
      if (written.status === 'refused') {
        await client.end('abort', signal);
        return written;
      }
      committing = true;
      await client.end('commit', signal);
      last = next;
      return { status: 'committed', receipts: written.receipts };
    } catch (thrown) {
      spoilt = true;
      return { status: committing ? 'unknown' : 'failed', error: toBridgeError(thrown) };
    }
  }

  return {
    get mark() {
      return last;
    },
    async publish(items, next, signal) {
      if (spoilt) return { status: 'failed', error: spent };
      const late = () =>
        new BridgeError('BROKER_TIMEOUT', `${brokerName} did not commit the transaction within ${confirmMs} ms`);
      return await withDeadline(signal, confirmMs, late, (bounded) => transact(items, next, bounded));
    },
    async [Symbol.asyncDispose]() {
      await client.close();
      settings.onClosed(spoilt);
    },
  };
}
