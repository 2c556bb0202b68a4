/**
 * Errors as RFC 9457 problems.
 *
 * Invariants: every answer that is no success has this form; a problem names all that is wrong at once; nothing of an
 * unexpected error leaves the process but that there was one.
 */
import { status as grpcStatus } from '@grpc/grpc-js';
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowNotFoundError,
  WorkflowUpdateFailedError,
  WorkflowUpdateRPCTimeoutOrCancelledError,
} from '@temporalio/client';
import { z } from 'zod';
import { hasZodFastifySchemaValidationErrors } from 'fastify-type-provider-zod';
import {
  AlreadyMigratedError,
  CampaignEndedError,
  ControlRefusedError,
  InvalidCampaignError,
  InvalidCursorError,
  InvalidRequestError,
  MissingSearchAttributesError,
  NoSuchCampaignError,
  NoSuchScheduleError,
  OppositeCampaignError,
  OtherCampaignRunsError,
  OtherMigrationRunsError,
  OtherScheduleError,
  OutcomeUnknownError,
  TemporalUnreachableError,
} from '../client/errors.js';
import { RepositoryUnavailable } from '../repository/errors.js';
import { UnreadablePayloadError } from '../codec/unreadable-payload.js';

const PROBLEMS = {
  malformed: { status: 400, title: 'The request cannot be read' },
  unauthenticated: { status: 401, title: 'A login is needed' },
  forbidden: { status: 403, title: 'Only operators may do this' },
  'foreign-origin': { status: 403, title: 'The request comes from a page of another origin' },
  'not-found': { status: 404, title: 'There is no such thing' },
  method: { status: 405, title: 'The path has no such method' },
  opposite: { status: 409, title: 'A running campaign works against it' },
  'too-late': { status: 408, title: 'The request did not arrive' },
  refused: { status: 409, title: 'It is refused as things stand' },
  'too-large': { status: 413, title: 'The request is too large' },
  'media-type': { status: 415, title: 'The request is not JSON' },
  invalid: { status: 422, title: 'The request is wrong' },
  'too-many': { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'The console failed' },
  unavailable: { status: 503, title: 'Something that is needed does not answer' },
} as const;
export type ProblemCode = keyof typeof PROBLEMS;

const TYPE_PREFIX = 'urn:vnf-migrator:problem:';
/** More are counted. */
const MOST_PROBLEMS = 100;

export const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    /** What is wrong, one by one; `pointer` is a JSON Pointer into the body. */
    problems: z.array(z.object({ pointer: z.string().optional(), detail: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });
export type ProblemBody = z.output<typeof problemSchema>;
export type OneProblem = NonNullable<ProblemBody['problems']>[number];

/** An error that is answered with. */
export class Problem extends Error {
  override readonly name = 'Problem';
  readonly code: ProblemCode;
  readonly problems: readonly OneProblem[];
  /** A text is the detail. */
  constructor(code: ProblemCode, said: string | ProblemOptions) {
    const { detail, problems = [], cause } = typeof said === 'string' ? { detail: said } : said;
    super(detail, { cause });
    this.code = code;
    this.problems = problems;
  }
}

interface ProblemOptions {
  detail: string;
  problems?: readonly OneProblem[];
  cause?: unknown;
}

export function bodyOf({ code, message, problems }: Problem): ProblemBody {
  const { status, title } = PROBLEMS[code];
  return {
    type: `${TYPE_PREFIX}${code}`,
    title,
    status,
    detail: message,
    ...(problems.length === 0 ? {} : { problems: cut(problems) }),
  };
}

function cut(problems: readonly OneProblem[]): OneProblem[] {
  if (problems.length <= MOST_PROBLEMS) return [...problems];
  return [...problems.slice(0, MOST_PROBLEMS), { detail: `and ${problems.length - MOST_PROBLEMS} more` }];
}

/** The problems of a zod error, below a place in the body such as `/campaign`. */
export function problemsAt(pointer: string, { issues }: z.ZodError): OneProblem[] {
  return issues.map(({ path, message }) => ({
    pointer: `${pointer}${pointerOf(path)}`,
    detail: message,
  }));
}

/** RFC 6901. */
export function pointerOf(path: readonly PropertyKey[]): string {
  return path.map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');
}

/** Any error as a problem. */
export function problemFrom(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (hasZodFastifySchemaValidationErrors(error)) return invalid(error.validation);
  return ofClient(error) ?? ofTemporal(error) ?? ofHttp(error) ?? internal(error);
}

function invalid(validation: readonly { instancePath: string; message?: string }[]): Problem {
  const problems = validation.map(({ instancePath, message = 'it is wrong' }) => ({
    // The body itself is the empty pointer.
    pointer: instancePath === '/' ? '' : instancePath,
    detail: message,
  }));
  const detail = problems.map(({ pointer, detail: what }) => `${pointer}: ${what}`).join('; ');
  return new Problem('invalid', { detail, problems });
}

/** What the clients of migrations and campaigns throw. */
function ofClient(error: unknown): Problem | null {
  if (error instanceof InvalidCursorError) {
    return new Problem('invalid', {
      detail: error.message,
      problems: [{ detail: error.message }],
      cause: error,
    });
  }
  if (error instanceof InvalidCampaignError || error instanceof InvalidRequestError) {
    const problems = error.problems.map((detail) => ({ detail }));
    return new Problem('invalid', { detail: error.message, problems, cause: error });
  }
  if (error instanceof OppositeCampaignError)
    return new Problem('opposite', { detail: error.message, cause: error });
  if (REFUSALS.some((refusal) => error instanceof refusal))
    return new Problem('refused', { detail: (error as Error).message, cause: error });
  if (error instanceof NoSuchCampaignError || error instanceof NoSuchScheduleError)
    return new Problem('not-found', { detail: error.message, cause: error });
  if (UNAVAILABLE.some((unavailable) => error instanceof unavailable))
    return new Problem('unavailable', { detail: (error as Error).message, cause: error });
  return null;
}

const UNAVAILABLE = [
  MissingSearchAttributesError,
  RepositoryUnavailable,
  TemporalUnreachableError,
  UnreadablePayloadError,
] as const;

const REFUSALS = [
  AlreadyMigratedError,
  CampaignEndedError,
  ControlRefusedError,
  OtherCampaignRunsError,
  OtherMigrationRunsError,
  OtherScheduleError,
  OutcomeUnknownError,
] as const;

function ofTemporal(error: unknown): Problem | null {
  if (error instanceof WorkflowNotFoundError)
    return new Problem('not-found', { detail: `there is no workflow ${error.workflowId}`, cause: error });
  if (error instanceof WorkflowUpdateFailedError)
    return new Problem('refused', { detail: error.cause?.message ?? error.message, cause: error });
  if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError)
    return new Problem('unavailable', { detail: LATE_ORDER, cause: error });
  if (error instanceof QueryNotRegisteredError)
    return new Problem('unavailable', { detail: `${error.message}: ${NO_WORKER}`, cause: error });
  const grpc = error instanceof ServiceError ? error.cause : error;
  return isGrpcServiceError(grpc) ? ofGrpc(grpc) : null;
}

const NO_WORKER = 'no worker answers: is `vnf-migrator worker` running on this task queue?';
const TOO_LATE = `no answer in time, of Temporal or of a worker: is \`vnf-migrator worker\` running on this task queue?`;
const LATE_ORDER = `${NO_WORKER} The order may come into force later`;

/** What is not listed is an outage. */
const GRPC_PROBLEMS: Readonly<Record<number, (details: string) => [ProblemCode, string]>> = {
  [grpcStatus.NOT_FOUND]: (details) => ['not-found', details],
  [grpcStatus.INVALID_ARGUMENT]: (details) => ['invalid', details],
  [grpcStatus.DEADLINE_EXCEEDED]: () => ['unavailable', TOO_LATE],
  [grpcStatus.PERMISSION_DENIED]: (details) => ['unavailable', `Temporal refuses the console: ${details}`],
  [grpcStatus.UNAUTHENTICATED]: (details) => ['unavailable', `Temporal refuses the console: ${details}`],
};

function ofGrpc(error: { code: number; details: string }): Problem {
  const { code: grpcCode, details } = error;
  const outage: [ProblemCode, string] = ['unavailable', `Temporal does not answer: ${details}`];
  const [code, detail] = GRPC_PROBLEMS[grpcCode]?.(details) ?? outage;
  return new Problem(code, { detail, cause: error });
}

const HTTP_PROBLEMS: Readonly<Record<number, ProblemCode>> = {
  400: 'malformed',
  404: 'not-found',
  413: 'too-large',
  // Of a part of the path, which is no workflow id then.
  414: 'malformed',
  415: 'media-type',
  429: 'too-many',
};

/** What Fastify and its plugins throw: their words repeat nothing of a body. */
function ofHttp(error: unknown): Problem | null {
  if (!(error instanceof Error) || !('statusCode' in error)) return null;
  const code = HTTP_PROBLEMS[Number(error.statusCode)];
  return code === undefined ? null : new Problem(code, { detail: error.message, cause: error });
}

function internal(error: unknown): Problem {
  return new Problem('internal', { detail: 'the log of the console says more', cause: error });
}
