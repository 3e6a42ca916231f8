const shape =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** Whether this is an RFC 3339 timestamp, with any number of fraction digits. */
export function isRfc3339(text: string): boolean {
  const match = shape.exec(text);
  if (match === null) return false;
  const day = Number(match[3]);
  if (day <= 28) return true;
  // The calendar repeats every 400 years, and Date.UTC takes years below 100 for others.
  const sameYear = 2000 + (Number(match[1]) % 400);
  return day <= new Date(Date.UTC(sameYear, Number(match[2]), 0)).getUTCDate();
}
