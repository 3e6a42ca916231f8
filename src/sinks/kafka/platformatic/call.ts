import { type Connection, kGetApi, type Producer, ResponseError } from '@platformatic/kafka';

export type AnyProducer = Producer<Buffer, Buffer, Buffer, Buffer>;

/**
 * One request to one broker, in the newest version that both sides know. Errors told within the response are left to
 * the caller: the client's own calls give up all answers for the error in one.
 */
export async function call<Request extends unknown[], Response>(
  producer: AnyProducer,
  connection: Connection,
  name: string,
  ...request: Request
): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  producer[kGetApi]<Request, Response>(name, (noApi, api) => {
    if (noApi || !api) return reject(noApi);
    api(connection, ...request, (error, response) => {
      if (error instanceof ResponseError) resolve(Reflect.get(error, 'response'));
      else if (error) reject(error);
      else resolve(response as Response);
    });
  });
  return await promise;
}
