/** The file of a module in the same folder, as it is called here: TypeScript, or what the build made of it. */
export function besideThis(moduleUrl: string, name: string): URL {
  const end = moduleUrl.slice(moduleUrl.lastIndexOf('.'));
  return new URL(`./${name}${end}`, moduleUrl);
}
