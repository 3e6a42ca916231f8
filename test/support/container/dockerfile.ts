/** One instruction of a Dockerfile, with its continued lines joined. */
export interface Instruction {
  readonly name: string;
  readonly rest: string;
}

/** One image that a Dockerfile makes: a FROM and what follows it. */
export interface Stage {
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

export function instructionsOf(dockerfile: string): readonly Instruction[] {
  const lines = dockerfile.replace(/^\s*#.*\n/gm, '').replace(/\\\n/g, ' ');
  return lines
    .split('\n')
    .map((line) => /^(\w+)\s+(.+)$/.exec(line.trim()))
    .filter((match) => match !== null)
    .map(([, name = '', rest = '']) => ({ name: name.toUpperCase(), rest: rest.trim() }));
}

/** What stands before the first FROM belongs to none. */
export function stagesOf(dockerfile: string): readonly Stage[] {
  const stages: { from: string; instructions: Instruction[] }[] = [];
  for (const instruction of instructionsOf(dockerfile)) {
    if (instruction.name === 'FROM') stages.push({ from: instruction.rest, instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** What the COPY instructions of a stage take from the checkout, not from another stage. */
export function copiedFiles({ instructions }: Stage): readonly string[] {
  return instructions
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => rest.split(/\s+/).slice(0, -1));
}
