// A logger that keeps all its lines, so that a test can check what they contain and what they do not.
import { pino } from 'pino';
import type { Logger } from '../../src/observability/logger.js';

export interface LogSink {
  log: Logger;
  /** Everything logged so far, one JSON object a line. */
  text: () => string;
}

export function logSink(): LogSink {
  const lines: string[] = [];
  const log = pino({ level: 'trace', base: null }, { write: (line: string) => void lines.push(line) });
  return { log, text: () => lines.join('') };
}
