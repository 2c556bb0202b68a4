/** Structured logs: one JSON object a line, on standard error, because standard output belongs to answers. */
import { pino, type Logger } from 'pino';
import { activeTracing } from '../tracing/tracing.js';

export type { Logger };

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

export function createLogger({ level }: { level: LogLevel }): Logger {
  const tracing = activeTracing();
  const traces = tracing === null ? {} : { mixin: () => tracing.logIds() };
  return pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, ...traces },
    pino.destination(2),
  );
}
