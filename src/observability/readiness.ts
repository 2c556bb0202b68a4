/** Whether a process can do its work now, and if not, why: what `/readyz` answers. */
import type { SessionStatus } from '../amqp/session.js';

export interface Part {
  ready: boolean;
  /** Readable, without secrets; null while ready. */
  reason: string | null;
}

export interface Readiness {
  ready: boolean;
  parts: Record<string, Part>;
}

/** Ready when every part is. */
export function readinessOf(parts: Record<string, Part>): Readiness {
  return { ready: Object.values(parts).every(({ ready }) => ready), parts };
}

export function brokerPart(status: SessionStatus): Part {
  switch (status.state) {
    case 'ready':
      return { ready: true, reason: null };
    case 'blocked':
      return { ready: false, reason: `the broker accepts no publishes: ${status.reason}` };
    case 'connecting':
      return { ready: false, reason: status.loss?.reason ?? 'connecting' };
    case 'stopped':
      return { ready: false, reason: 'stopped' };
  }
}

/** `trouble`: what prevents it from working; null if nothing does. */
export function partOf(trouble: string | null): Part {
  return { ready: trouble === null, reason: trouble };
}
