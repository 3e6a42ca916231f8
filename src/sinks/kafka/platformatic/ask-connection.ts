import { type Connection, protocolErrorsCodesById, ResponseError } from '@platformatic/kafka';
import { untilAborted } from '../../deadline.ts';
import { type AnyProducer, call } from './call.ts';

/** Sends a request once, in the newest version that both sides know. As `call`, until `signal` aborts. */
export type Ask = <Request extends unknown[], Response>(
  connection: Connection,
  name: string,
  ...request: Request
) => Promise<Response>;

export function askWithin(producer: AnyProducer, signal: AbortSignal): Ask {
  return <Request extends unknown[], Response>(connection: Connection, name: string, ...request: Request) =>
    untilAborted(call<Request, Response>(producer, connection, name, ...request), signal);
}

/** As `call`, for a request in one certain version. */
export async function answerOf<Response>(asked: Promise<Response>): Promise<Response> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ResponseError) return Reflect.get(error, 'response') as Response;
    throw error;
  }
}

/** The name of an error in Kafka's protocol; undefined: none. */
export function errorName(code: number): string | undefined {
  return code === 0 ? undefined : (protocolErrorsCodesById[code] ?? `error ${code}`);
}
