/** Drives migrations from this process, from the call that starts one until its result is available. */
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

/** @throws if the migration was not clean, because the measurement would then mean something else */
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

/** Runs tasks in order of arrival, at most `width` at a time. */
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

/** @throws the first error after all tasks have ended, so that none still runs while the caller cleans up */
export async function times<T>(count: number, task: (index: number) => Promise<T>): Promise<T[]> {
  const settled = await Promise.allSettled(Array.from({ length: count }, (_, index) => task(index)));
  return settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
}
