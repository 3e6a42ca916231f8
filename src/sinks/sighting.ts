import type { ExpectedEvent, Sighting } from '../core/sink-reader.ts';

/** What an event names itself by. */
export interface SeenEvent {
  readonly source: string | undefined;
  readonly id: string | undefined;
}

/** That of a structured event; undefined for what is none. */
export function readStructured(bytes: string | Uint8Array): SeenEvent | undefined {
  try {
    const event: unknown = JSON.parse(Buffer.from(bytes).toString());
    if (typeof event !== 'object' || event === null) return undefined;
    const textOf = (name: string) => {
      const value: unknown = Reflect.get(event, name);
      return typeof value === 'string' ? value : undefined;
    };
    return { source: textOf('source'), id: textOf('id') };
  } catch {
    return undefined;
  }
}

/** What there is at the place of an event. */
export function judgeSeen({ source, id }: ExpectedEvent, seen: SeenEvent | undefined): Sighting {
  if (seen?.id === id && (source === undefined || seen.source === source)) return { status: 'found' };
  if (seen?.id === undefined) return { status: 'different', detail: 'what is there is no CloudEvent' };
  return { status: 'different', detail: `there is event ${seen.id} of ${seen.source ?? 'no source'}` };
}
