/**
 * The course of a move after its ack, as a table: the steps before it ends, and the ending.
 *
 * Each row is a recorded run (the number in brackets) or follows from the source code of the peers. Times are
 * shares of the whole move, so that a MANO that is killed half-way leaves the same state as the real one.
 */
import { CREATE_TOPIC, MIGRATE_TOPIC } from '../mano/topics.js';
import type { MoveBehaviour } from './rules.js';
import type { ErrorValue, ReplyTopic } from './messages.js';
import { MOVE_STEPS, type MoveStep } from './world.js';

interface ErrorEnding {
  end: 'error';
  topic: ReplyTopic;
  error: ErrorValue;
  staysLocked: boolean;
}

export type MoveEnding =
  | { end: 'ready' }
  | ErrorEnding
  /** No timer in the SLM ends a workflow: it never replies, and the service stays locked. */
  | { end: 'silence' };

export interface MoveScript {
  steps: readonly MoveStep[];
  /** The time of the ending, as a share of the whole move. */
  endShare: number;
  ending: MoveEnding;
}

/** The time at which each step is done, as a share of the whole move. */
export const STEP_SHARE: Record<MoveStep, number> = {
  deployed: 0.6,
  recorded: 0.65,
  removed: 0.85,
  'nsr-updated': 0.95,
};

/**
 * Applies, for example, to a VNF that its service does not list, and to a service that does not exist (04b, 10b,
 * 14).
 */
export const SILENT_SCRIPT: MoveScript = { steps: [], endShare: 0, ending: { end: 'silence' } };

const READY_SCRIPT: MoveScript = { steps: MOVE_STEPS, endShare: 1, ending: { end: 'ready' } };

function createError(error: ErrorValue): ErrorEnding {
  return { end: 'error', topic: CREATE_TOPIC, error, staysLocked: false };
}

export function scriptOf(behaviour: MoveBehaviour | undefined): MoveScript {
  switch (behaviour) {
    case undefined: // (01)
    case 'move-slow':
      return READY_SCRIPT;
    case 'placement-fails': // (11d)
      return {
        steps: [],
        endShare: 0.35,
        ending: { ...createError('Unable to perform placement.'), staysLocked: true },
      };
    case 'network-fails': // (11c)
      return { steps: [], endShare: 0.45, ending: createError('infrastructure error on ia_network') };
    case 'deploy-fails': // (11b)
      return { steps: [], endShare: 0.6, ending: createError('mano.function.deploy') };
    case 'record-fails': // (11g) The VNF runs, and no record mentions it.
      return {
        steps: ['deployed'],
        endShare: 0.65,
        ending: createError({ http_code: 500, message: 'Internal Server Error' }),
      };
    case 'removal-fails': // (11) The new VNF runs beside the old one, which the service still lists.
      return {
        steps: ['deployed', 'recorded'],
        endShare: 0.85,
        ending: { end: 'error', topic: MIGRATE_TOPIC, error: 'mano.function.remove', staysLocked: false },
      };
    case 'monitoring-fails': // The final reply is an ERROR although everything was moved.
      return { steps: MOVE_STEPS, endShare: 1, ending: createError('Monitoring failed') };
    case 'ia-silent': // (11f)
    case 'repository-down-after-ack': // (05d)
      return SILENT_SCRIPT;
    case 'repository-refuses-nsr-update': // (05e) The VNF has moved, and no reply reports it.
      return { steps: ['deployed', 'recorded', 'removed'], endShare: 0.95, ending: { end: 'silence' } };
  }
}
