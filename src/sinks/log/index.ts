import { resolve } from 'node:path';
import { defineSinkType } from '../../core/sink-type.ts';
import { compileTemplate } from '../template.ts';
import { logBroker, logDestination } from './config.ts';

/** The embedded log: `{ type: log, dir: ./events }`. */
export const logSinkType = defineSinkType({
  type: 'log',
  broker: logBroker,
  destination: logDestination,
  place: ({ topic }, pipeline) => compileTemplate(topic, pipeline),
  disk: ({ dir }, baseDir) => resolve(baseDir, dir),
  async open(broker, destination, context) {
    const { openLogSink } = await import('./log-sink.ts');
    return openLogSink({ ...broker, dir: resolve(context.baseDir, broker.dir) }, destination, context);
  },
  async openReader(broker, context) {
    const { openLogReader } = await import('./reader.ts');
    return openLogReader(resolve(context.baseDir, broker.dir));
  },
});
