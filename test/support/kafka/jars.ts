import { join } from 'node:path';
import { ensureJarsOf } from '../jars.ts';

/** The folder with Kafka's jars. */
export function ensureJars(): Promise<string> {
  return ensureJarsOf(join(import.meta.dirname, 'pom.xml'));
}
