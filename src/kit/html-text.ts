const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'", nbsp: ' ' };

function decoded(whole: string, name: string): string {
  const number = /^#(?:x([0-9a-f]{1,6})|(\d{1,7}))$/i.exec(name);
  if (!number) return named[name.toLowerCase()] ?? whole;
  const point = number[1] === undefined ? Number(number[2]) : Number.parseInt(number[1], 16);
  return point > 0 && point <= 0x10ffff ? String.fromCodePoint(point) : whole;
}

/** The text that HTML shows, roughly: without its tags, line breaks being line breaks, and with its entities undone. */
export function htmlText(html: string): string {
  return html
    .replaceAll(/<(?:br|\/p|\/div)\b[^<>]*>/gi, '\n')
    .replaceAll(/<[^<>]*>/g, '')
    .replaceAll(/&(#?\w{1,8});/g, decoded);
}
