/** Follows one migration until it ends, and reports each step. */
import { setTimeout as delay } from 'node:timers/promises';
import { leavesDoubt, type Ending } from '../../client/migration-outcome.js';
import type { MigrationClient } from '../../client/migration-client.js';
import type { MigrationResult, MigrationState } from '../../shared/migration/contract.js';
import { EXIT } from '../exit-codes.js';
import { humanDuration } from '../output/print.js';
import { newsOf } from '../output/migration-progress.js';

const POLL_INTERVAL_MS = 300;
/** No answer for this long means that no worker runs. */
const NO_WORKER_AFTER_MS = 8_000;

/** Resolves with the ending. `tell` receives a line for each step. */
export async function follow(
  migrations: MigrationClient,
  { workflowId, tell }: { workflowId: string; tell: (line: string) => void },
): Promise<Ending> {
  const done = new AbortController();
  const steps = tellSteps(migrations, { workflowId, tell, signal: done.signal });
  try {
    const ending = await migrations.ending(workflowId);
    // Report also what happened between the last query and the end.
    const attempts = ending.kind === 'result' ? ending.result.attempts : (ending.error.state?.attempts ?? []);
    done.abort();
    const last = await steps;
    if (last !== null) for (const line of newsOf({ before: last, now: { ...last, attempts } })) tell(line);
    return ending;
  } finally {
    done.abort();
  }
}

async function tellSteps(
  migrations: MigrationClient,
  { workflowId, tell, signal }: { workflowId: string; tell: (line: string) => void; signal: AbortSignal },
): Promise<MigrationState | null> {
  let last: MigrationState | null = null;
  let answeredAtMs = Date.now();
  let warned = false;
  const aborted = whenAborted(signal);
  while (!signal.aborted) {
    const now = await Promise.race([migrations.status(workflowId).catch(() => null), aborted]);
    if (now !== null) {
      answeredAtMs = Date.now();
      for (const line of newsOf({ before: last, now })) tell(line);
      last = now;
    } else if (!warned && Date.now() - answeredAtMs > NO_WORKER_AFTER_MS) {
      warned = true;
      tell('no worker answers: is `vnf-migrator worker` running on this task queue?');
    }
    await delay(POLL_INTERVAL_MS, undefined, { signal }).catch(() => undefined);
  }
  return last;
}

function whenAborted(signal: AbortSignal): Promise<null> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve(null);
    else signal.addEventListener('abort', () => resolve(null), { once: true });
  });
}

/** The result in one line, with its exit code. */
export function endingLineOf(ending: Ending): { line: string; code: number } {
  if (ending.kind === 'result') return { line: resultLine(ending.result), code: EXIT.ok };
  const { type, message } = ending.error;
  const unknown = type === 'MigrationOutcomeUnknown' || leavesDoubt(ending.error);
  const hint =
    type === null && unknown
      ? '; its request may still be at work in the MANO, or may have been carried out'
      : '';
  const line = type === null ? `${message}${hint}` : `${type}: ${message}`;
  return { line, code: unknown ? EXIT.unknown : EXIT.failed };
}

function resultLine({ outcome, evidence, newVnfUuid, durationMs, vimUuid }: MigrationResult): string {
  const after = humanDuration(durationMs);
  switch (outcome) {
    case 'migrated':
      return `migrated after ${after} (${evidence}); the VNF's new id is ${newVnfUuid ?? 'not known'}`;
    case 'already-there':
      return `already on VIM ${vimUuid} (${evidence}); nothing was moved`;
  }
}
