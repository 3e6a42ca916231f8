/** What the bridge of the demo says on its standard output, one JSON object a line. `feed` without its pipeline. */
export type Word =
  | { readonly word: 'started'; readonly pid: number }
  /** `published`: handed to the sink. `refused`: the sink took nothing of it. `recognised`: found in the ledger. */
  | {
      readonly word: 'published' | 'refused' | 'confirmed' | 'recognised';
      readonly feed: string;
      readonly batchId: string;
    };

/** What it is told on its standard input, one a line. */
export type Command = 'refuse' | 'accept' | 'stop';
