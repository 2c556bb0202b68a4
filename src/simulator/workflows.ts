/**
 * The moves after their ack: each changes the world step by step and ends as its script states.
 *
 * Invariants: a service has one workflow at a time. A workflow that stops replying leaves its service locked until
 * this life ends, and so does a failed placement. Otherwise the lock is released shortly after the final reply.
 */
import { MIGRATE_TOPIC } from '../mano/topics.js';
import type { Lifetime } from './clock.js';
import type { MigrationTask, RepositoryState } from './request-checks.js';
import type { Ledger } from './ledger.js';
import { SILENT_SCRIPT, scriptOf, STEP_SHARE, type MoveEnding } from './move-script.js';
import type { Case, Outbox } from './outbox.js';
import { uuidFrom, type Random } from './random.js';
import type { Nsr } from './records.js';
import { pythonFloat, type ErrorValue, type ReplyBody, type ReplyTopic } from './messages.js';
import type { Move, MoveStep, World } from './world.js';

export interface WorkflowTimings {
  /** The duration of a move. */
  migrationMs: { min: number; max: number };
  /** The time that a service stays busy after its final reply. */
  lockReleaseMs: number;
}

export interface WorkflowDependencies {
  life: Lifetime;
  random: Random;
  seed: string;
  world: World;
  ledger: Ledger;
  outbox: Outbox;
  repositoryState: () => RepositoryState;
  timings: WorkflowTimings;
}

interface Workflow {
  cause: Case;
  move: Move;
  /** The NSR at the start of the move. READY carries this one, because the real one's is stale too. */
  nsr: Nsr | undefined;
  startedAtMs: number;
  durationMs: number;
  /** True if the repository failed during the move. */
  isStuck: boolean;
}

export class Workflows {
  readonly #deps: WorkflowDependencies;
  readonly #locked = new Set<string>();

  constructor(deps: WorkflowDependencies) {
    this.#deps = deps;
  }

  isBusy(serviceInstanceUuid: unknown): boolean {
    return typeof serviceInstanceUuid === 'string' && this.#locked.has(serviceInstanceUuid);
  }

  busyServices(): string[] {
    return [...this.#locked];
  }

  start(cause: Case, task: MigrationTask): void {
    const { world, random, life, timings, seed } = this.#deps;
    const workflow: Workflow = {
      cause,
      isStuck: false,
      move: { ...task, newVnfUuid: uuidFrom(`${seed}/moved/${cause.requestNumber}/${task.vnfUuid}`) },
      nsr: world.nsr(task.serviceInstanceUuid),
      startedAtMs: life.clock.nowMs(),
      durationMs: slowMs(cause) ?? random.between(timings.migrationMs.min, timings.migrationMs.max),
    };
    this.#setLock(workflow, true);
    this.#play(workflow);
  }

  #play(workflow: Workflow): void {
    const { cause, move, nsr, durationMs } = workflow;
    const { life } = this.#deps;
    const isListed = nsr?.network_functions.some(({ vnfr_id }) => vnfr_id === move.vnfUuid) ?? false;
    const script = isListed ? scriptOf(cause.plan.move?.behaviour) : SILENT_SCRIPT;
    for (const step of script.steps) {
      life.after(durationMs * STEP_SHARE[step], () => this.#takeStep(workflow, step));
    }
    life.after(durationMs * script.endShare, () => {
      if (!workflow.isStuck) this.#end(workflow, script.ending);
    });
  }

  #takeStep(workflow: Workflow, step: MoveStep): void {
    const { cause, move } = workflow;
    const { ledger, world, life, repositoryState } = this.#deps;
    if (workflow.isStuck) return;
    if (step !== 'deployed' && repositoryState() !== 'up') {
      workflow.isStuck = true;
      // The SLM reports a record that it cannot store. The later steps fail without a reply.
      if (step === 'recorded') this.#end(workflow, scriptOf('record-fails').ending);
      return;
    }
    const change = { change: step, move };
    ledger.add({ type: 'record', correlationId: cause.request.correlationId ?? null, change });
    world.apply(change, life.clock.nowMs());
  }

  #end(workflow: Workflow, ending: MoveEnding): void {
    switch (ending.end) {
      case 'silence':
        return;
      case 'ready':
        this.#sendFinal(workflow, { topic: MIGRATE_TOPIC, body: this.#readyBody(workflow) });
        break;
      case 'error': {
        const error = workflow.cause.plan.move?.rule.error ?? ending.error;
        this.#sendFinal(workflow, { topic: ending.topic, body: this.#errorBody(error) });
        if (ending.staysLocked) return;
      }
    }
    this.#deps.life.after(this.#deps.timings.lockReleaseMs, () => this.#setLock(workflow, false));
  }

  #sendFinal({ cause, move }: Workflow, final: { topic: ReplyTopic; body: ReplyBody }): void {
    const newVnfUuid = final.body.status === 'READY' ? move.newVnfUuid : null;
    const reply = { ...final, correlationId: cause.request.correlationId };
    this.#deps.outbox.sendFinal(cause, { reply, newVnfUuid });
  }

  #readyBody({ nsr, move, startedAtMs }: Workflow): ReplyBody {
    const nowMs = this.#deps.life.clock.nowMs();
    return {
      status: 'READY',
      error: null,
      workflow: 'migratevnf',
      timestamp: pythonFloat(nowMs / 1000),
      duration: pythonFloat((nowMs - startedAtMs) / 1000),
      ...(nsr === undefined ? {} : { nsr }),
      vnfrs: this.#deps.world.vnfrsOf(move.serviceInstanceUuid),
    };
  }

  #errorBody(error: ErrorValue): ReplyBody {
    return { status: 'ERROR', error, timestamp: pythonFloat(this.#deps.life.clock.nowMs() / 1000) };
  }

  #setLock({ cause, move: { serviceInstanceUuid } }: Workflow, isLocked: boolean): void {
    if (isLocked) this.#locked.add(serviceInstanceUuid);
    else this.#locked.delete(serviceInstanceUuid);
    const correlationId = cause.request.correlationId ?? null;
    this.#deps.ledger.add({ type: 'lock', isLocked, serviceInstanceUuid, correlationId });
  }
}

function slowMs({ plan: { move } }: Case): number | null {
  return move?.behaviour === 'move-slow' ? (move.rule.delayMs ?? null) : null;
}
