/**
 * What the broker refuses for want of a permission, read from how it closes a channel: its text names the queue or the
 * exchange, and not which of the three permissions was missing.
 */

export type Permission = 'configure' | 'write' | 'read';

const ACCESS_REFUSED = 403;

/** AMQP's methods, by the ids of class and method. */
const QUEUE_BIND = '50.20';
const PUBLISH = '60.40';
const NEEDED: Readonly<Record<string, Permission>> = {
  /** Declaring an exchange, and a queue. */
  '40.10': 'configure',
  '50.10': 'configure',
  [PUBLISH]: 'write',
  /** Consuming, and taking one message. */
  '60.20': 'read',
  '60.70': 'read',
};

/** Null if it is about no permission; a refused login is about none. */
export function missingPermission(error: Error): Permission | null {
  const method = refusedMethod(error);
  if (method === null) return null;
  // A binding writes to its queue, and reads from its exchange or one of the topics there.
  if (method === QUEUE_BIND) return error.message.includes('access to queue ') ? 'write' : 'read';
  return NEEDED[method] ?? null;
}

/** The broker looks at permissions before it passes a message on: what it refused so went nowhere. */
export function isRefusedPublish(error: Error): boolean {
  return refusedMethod(error) === PUBLISH;
}

function refusedMethod(error: Error): string | null {
  const { code, classId, methodId } = error as { code?: unknown; classId?: unknown; methodId?: unknown };
  return code === ACCESS_REFUSED ? `${String(classId)}.${String(methodId)}` : null;
}
