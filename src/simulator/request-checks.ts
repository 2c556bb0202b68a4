/**
 * The SLM's decision about a request, in its order of checks.
 *
 * Invariants: all functions are pure. Nothing is read from the repository before the request is complete and its
 * service is free. The lock of a service and the target VIM are compared, never looked up. What the SLM does not
 * check, this module does not check.
 */
import { firstUnitVim, type VimUuid, type Vnfr } from './records.js';
import type { Plan } from './rules.js';
import type { ErrorValue, ManoRequest } from './messages.js';

export const BUSY_ERROR = 'Workflow for service still going on, rejected';

/** The state of the repository, the same for every client. */
export const REPOSITORY_STATES = ['up', 'down', '500', 'html', 'hangs'] as const;
export type RepositoryState = (typeof REPOSITORY_STATES)[number];

export interface MigrationTask {
  serviceInstanceUuid: string;
  vnfUuid: string;
  vimUuid: VimUuid;
}

export type Verdict =
  | { verdict: 'accepted'; task: MigrationTask }
  | { verdict: 'rejected'; error: ErrorValue }
  /** An exception in the SLM's handler: there is no reply, and nothing is locked. */
  | { verdict: 'silence' }
  /** By a rule: the request is consumed from the queue, and never handled. */
  | { verdict: 'lost' }
  /** The SLM waits for a repository that does not answer, and then rejects. Meanwhile it handles nothing else. */
  | { verdict: 'repository-hangs'; error: ErrorValue };

export interface Circumstances {
  request: ManoRequest;
  plan: Plan;
  repository: RepositoryState;
  isBusy: (serviceInstanceUuid: unknown) => boolean;
  vnfr: (vnfUuid: string) => Vnfr | undefined;
}

export function judge(circumstances: Circumstances): Verdict {
  const { request, plan, isBusy } = circumstances;
  const { fields } = request;
  const rejected = (error: ErrorValue): Verdict => ({ verdict: 'rejected', error });
  if (plan.ack?.behaviour === 'request-lost') return { verdict: 'lost' };
  if (request.payload === 'unreadable') return { verdict: 'silence' };
  if (!request.correlationId) return rejected('No correlation id provided in header of request');
  if (request.payload === 'not-a-mapping') return rejected('Payload is not a dictionary');
  if (!Object.hasOwn(fields, 'service_instance_uuid')) {
    return rejected("Missing 'service_instance_id' in request");
  }
  if (!isHashable(fields['service_instance_uuid'])) return { verdict: 'silence' };
  if (isBusy(fields['service_instance_uuid'])) return rejected(BUSY_ERROR);
  if (!Object.hasOwn(fields, 'vim_uuid')) return rejected('Missing vim uuid');
  if (!Object.hasOwn(fields, 'vnf_uuid')) return rejected('Missing vnf uuid');
  return judgeTask(circumstances);
}

/** The SLM uses the service as a key of a Python dict: a list or a mapping as a key raises a TypeError. */
function isHashable(value: unknown): boolean {
  return typeof value !== 'object' || value === null;
}

function judgeTask(circumstances: Circumstances): Verdict {
  const { fields } = circumstances.request;
  const [serviceInstanceUuid, vnfUuid, vim] = [
    fields['service_instance_uuid'],
    fields['vnf_uuid'],
    fields['vim_uuid'],
  ];
  // The SLM concatenates both with text, and Python concatenates only strings. A null VIM counts as a VIM.
  if (typeof serviceInstanceUuid !== 'string' || typeof vnfUuid !== 'string') return { verdict: 'silence' };
  const failure = readFailure(circumstances);
  if (failure !== undefined) return failure;
  const vnfr = circumstances.vnfr(vnfUuid);
  if (vnfr === undefined) return { verdict: 'rejected', error: 404 };
  const vimUuid = vim === null || typeof vim === 'string' ? vim : JSON.stringify(vim);
  if (firstUnitVim(vnfr) === vimUuid) {
    return { verdict: 'rejected', error: 'vnf already deployed on this vim' };
  }
  return { verdict: 'accepted', task: { serviceInstanceUuid, vnfUuid, vimUuid } };
}

/** An answer that is not JSON has the effect of no answer: the SLM reports both as the string 400. */
function readFailure({ plan, repository }: Circumstances): Verdict | undefined {
  const state = plan.repository?.behaviour ?? (`repository-${repository}` as const);
  switch (state) {
    case 'repository-up':
      return undefined;
    case 'repository-500':
      return { verdict: 'rejected', error: 500 };
    case 'repository-down':
    case 'repository-html':
      return { verdict: 'rejected', error: '400' };
    case 'repository-hangs':
      return { verdict: 'repository-hangs', error: '400' };
  }
}
