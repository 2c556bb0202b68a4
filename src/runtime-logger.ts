/** The Temporal SDK's log lines, as ours: same format, same place. */
import { DefaultLogger, type LogEntry } from '@temporalio/worker';
import type { Logger } from './log.js';

export function runtimeLogger(log: Logger): DefaultLogger {
  return new DefaultLogger('TRACE', ({ level, message, meta }: LogEntry) => {
    const fields = { ...meta };
    switch (level) {
      case 'TRACE':
        log.trace(fields, message);
        return;
      case 'DEBUG':
        log.debug(fields, message);
        return;
      case 'INFO':
        log.info(fields, message);
        return;
      case 'WARN':
        log.warn(fields, message);
        return;
      case 'ERROR':
        log.error(fields, message);
        return;
    }
  });
}
