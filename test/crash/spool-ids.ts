/** The id of the nth record of a caller in a life of the victim. */
export function idOf(life: string, caller: number, n: number): string {
  return `${life}-${caller}-${n}`;
}
