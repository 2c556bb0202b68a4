/** Migrations driven from here, from the call that starts one to the result in hand. */
import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import type { ManoReply } from '../src/shared/mano/reply.js';
import type { MigrationResult } from '../src/shared/migration/contract.js';
import { TARGET_VIM } from './mano.js';
import type { MigrationIds, Side } from './stage.js';

export function newIds(): MigrationIds {
  return { serviceInstanceUuid: randomUUID(), vnfUuid: randomUUID(), vimUuid: TARGET_VIM };
}

/** Milliseconds from start to result. */
export async function migrateOnce(side: Side): Promise<number> {
  const startedAtMs = performance.now();
  const handle = await side.start(newIds());
  await resultOf(side, handle);
  return performance.now() - startedAtMs;
}

/** @throws if it went any other way than well: what is measured would be something else. */
export async function resultOf(side: Side, handle: WorkflowHandle): Promise<void> {
  const result: unknown = await handle.result();
  if (side.name === 'ours') mustBeClean(result as MigrationResult);
  else if ((result as ManoReply | null)?.status !== 'READY')
    throw new Error('the bare migration has no READY');
}

export function mustBeClean({ outcome, newVnfUuid, attempts }: MigrationResult): void {
  if (outcome !== 'migrated' || newVnfUuid === null || attempts.length !== 1) {
    throw new Error(`not a clean migration: ${outcome}, ${String(attempts.length)} requests`);
  }
}

/** Runs tasks, so many at a time, in the order in which they come. */
export function limiter(width: number): <T>(task: () => Promise<T>) => Promise<T> {
  let free = width;
  const waiting: (() => void)[] = [];
  return async (task) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((go) => waiting.push(go));
    try {
      return await task();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

/** @throws the first error, once all have ended: nothing runs on during the clean-up */
export async function times<T>(count: number, task: (index: number) => Promise<T>): Promise<T[]> {
  const settled = await Promise.allSettled(Array.from({ length: count }, (_, index) => task(index)));
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
