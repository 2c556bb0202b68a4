/**
 * Begins the traces of a process, and ends them.
 *
 * Invariants: the OpenTelemetry SDK is loaded only where settings ask for traces. What does not answer holds up the
 * end of the process for a bounded time.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { useTracing } from './tracing.js';
import type { TraceSettings } from './settings.js';

export interface StartOptions {
  /** Null: no traces. */
  settings: TraceSettings | null;
  version: string;
  /** Told once when spans cannot be exported, and once when they can again. */
  onTrouble: (reason: string | null) => void;
}

/** False: the exporter did not take what was left in time, and may still hold the process. */
export type StopTracing = () => Promise<boolean>;

const FLUSH_WITHIN_MS = 2_000;

export async function startTracing({ settings, version, onTrouble }: StartOptions): Promise<StopTracing> {
  if (settings === null) return () => Promise.resolve(true);
  const { openTelemetry } = await import('./otel/sdk.js');
  const { tracing, shutdown, hasTrouble } = await openTelemetry({ settings, version, onTrouble });
  useTracing(tracing);
  return async () => {
    useTracing(null);
    const ended = shutdown().then(
      () => true,
      () => false,
    );
    // Of one that is known to be away nothing is expected.
    const limitMs = hasTrouble() ? 0 : FLUSH_WITHIN_MS;
    return await Promise.race([ended, delay(limitMs, false, { ref: false })]);
  };
}
