import type { Source } from '../../src/core/source.ts';
import { ackPromises } from './source/acking.ts';
import { endingPromises } from './source/ending.ts';
import { fatalPromises, takingPromises } from './source/taking.ts';

/** A kind of source to be tested. */
export interface SourceKind {
  /** A source whose upstream has nothing to give yet. Its waits after a failure are a few milliseconds. */
  open(): Promise<SourceUnderTest>;
  /** It reads from nothing that can fail: others bring what it gives. Default: false. */
  readonly neverFatal?: boolean;
}

/** A source and the upstream that it reads, in the hands of a test. */
export interface SourceUnderTest extends AsyncDisposable {
  readonly source: Source;
  /** Has upstream give one more batch, of records with these bodies, until it is acknowledged. */
  offer(bodies: readonly string[]): void;
  /** The bodies of all records that upstream has been told are safe, in the order of its being told. */
  acknowledged(): readonly string[];
  /** `briefly`: the next few attempts fail. `fatally`: all fail in a way that waiting does not mend, until `mend`. */
  fail(how: 'briefly' | 'fatally'): void;
  mend(): void;
}

/** A promise of Source, by its name, and what keeps it. */
export type SourcePromises = Readonly<Record<string, (subject: SourceUnderTest) => Promise<void>>>;

/** Everything that Source promises, however its batches arrive. Hand each to the test runner. */
export function sourceConformance(
  kind: SourceKind,
): readonly { readonly name: string; readonly run: () => Promise<void> }[] {
  const promises: SourcePromises = {
    ...takingPromises,
    ...(kind.neverFatal ? {} : fatalPromises),
    ...ackPromises,
    ...endingPromises,
  };
  return Object.entries(promises).map(([name, keep]) => ({
    name,
    async run() {
      await using subject = await kind.open();
      await keep(subject);
    },
  }));
}
