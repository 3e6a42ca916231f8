import { inspect } from 'node:util';

const mask = '[secret]';

/** A value that cannot be printed: only `reveal` gives it away, and only to the code that sends it. */
export class Secret {
  readonly #value: string;
  /** Where it came from (`${env:NAME}`, `${file:/path}`), for messages; undefined when it stands in the file itself. */
  readonly origin: string | undefined;

  constructor(value: string, origin?: string) {
    this.#value = value;
    this.origin = origin;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return mask;
  }

  toJSON(): string {
    return mask;
  }

  [inspect.custom](): string {
    return mask;
  }
}
