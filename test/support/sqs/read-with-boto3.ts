import { join } from 'node:path';
import { findTool, type Tool } from '../tool.ts';

/** A message as boto3, the AWS library of Python, finds it. */
export interface Boto3Message {
  readonly messageId: string;
  readonly body: Buffer;
  /** MD5 of the body: what the server says, and what Python makes of it. */
  readonly bodyDigests: readonly [server: string, own: string];
  /** Text by name. */
  readonly attributes: Readonly<Record<string, string>>;
  /** The data types that there are among the attributes. */
  readonly types: readonly string[];
  /** As `bodyDigests`, of the attributes. */
  readonly attributesDigests: readonly [server: string | null, own: string];
  readonly group: string | null;
  readonly deduplicationId: string | null;
}

const script = join(import.meta.dirname, 'read_queue.py');

/** Debian's own Python, which its packages are for. Rejects where boto3 is not installed. */
export function findBoto3(): Promise<Tool> {
  return findTool('/usr/bin/python3', ['-c', 'import boto3'], 'python3-boto3');
}

/** Takes all that is in the queue out of it, in the order in which the queue hands it out. */
export async function drainWithBoto3(boto3: Tool, endpoint: string, url: string): Promise<readonly Boto3Message[]> {
  const printed = (await boto3.run(script, endpoint, 'eu-central-1', url)).toString();
  const lines = printed.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { body, ...message }: Boto3Message & { readonly body: string } = JSON.parse(line);
    return { ...message, body: Buffer.from(body, 'base64') };
  });
}
