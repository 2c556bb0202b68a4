/**
 * What an ERROR of the MANO means. Source: the tables of recorded rejections; texts are the MANO's own.
 *
 * Invariant: an unknown error is permanent: a blind retry can lock a service.
 */
export type RejectionClass = 'busy' | 'already-there' | 'transient' | 'permanent';

/** One workflow of any kind per service at a time. */
export const BUSY_ERROR = 'Workflow for service still going on, rejected';
/** Judged from the VNF's first unit only. */
export const ALREADY_THERE_ERROR = 'vnf already deployed on this vim';
/** The answer of an idle MANO to a request that names only the service. */
export const MISSING_VIM_ERROR = 'Missing vim uuid';
/** The topic of the task that failed, as the error: the new VNF already runs on the target. */
export const REMOVAL_FAILED_ERROR = 'mano.function.remove';

const UNKNOWN_VNF_CODE = 404;

/** The class of an ERROR that is not final. */
export function classifyRejection(reply: { error: string | null; errorCode: number | null }): RejectionClass {
  const { error, errorCode } = reply;
  if (error === BUSY_ERROR) return 'busy';
  if (error === ALREADY_THERE_ERROR) return 'already-there';
  if (errorCode !== null) return errorCode === UNKNOWN_VNF_CODE ? 'permanent' : 'transient';
  // '400' as text: the MANO's repository did not answer, or answered nonsense.
  return error !== null && /^\d{3}$/.test(error) ? 'transient' : 'permanent';
}

/** What the MANO says of a request that lacks something. */
const MALFORMED_ERRORS: readonly string[] = [
  'Payload is not a dictionary',
  "Missing 'service_instance_id' in request",
  MISSING_VIM_ERROR,
  'Missing vnf uuid',
  'No correlation id provided in header of request',
];

/** Whether the MANO is known to refuse requests with it, before it has changed anything. */
export function isKnownRejection({
  error,
  errorCode,
}: {
  error: string | null;
  errorCode: number | null;
}): boolean {
  if (errorCode !== null || error === BUSY_ERROR || error === ALREADY_THERE_ERROR) return true;
  return error !== null && (/^\d{3}$/.test(error) || MALFORMED_ERRORS.includes(error));
}

export type ProbeAnswer = 'busy' | 'free' | 'unrecognised';

/** What the answer to a request that holds only the service id says of the MANO. */
export function readProbeAnswer(error: string | null): ProbeAnswer {
  if (error === BUSY_ERROR) return 'busy';
  if (error === MISSING_VIM_ERROR) return 'free';
  return 'unrecognised';
}
