import { InvalidArgumentError } from 'commander';

export interface FaultChoice {
  readonly name: string;
  readonly probability: number;
}

/** Reads `name` or `name=probability`, as often as it is given. */
export function faultArgument(value: string, before: readonly FaultChoice[]): readonly FaultChoice[] {
  const [name = '', probability = '0.1'] = value.split('=');
  const number = Number(probability);
  if (!(number > 0 && number <= 1)) {
    throw new InvalidArgumentError('Its probability is more than 0 and at most 1: --fault 5xx=0.2');
  }
  return [...before, { name, probability: number }];
}
