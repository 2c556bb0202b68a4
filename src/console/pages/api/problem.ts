/** What the console's API says when it does not do what was asked: RFC 9457. Pure. */

/** One thing that is wrong with what was sent. */
export interface FieldProblem {
  /** A JSON pointer into the body, such as `/campaign/limits/total`. */
  pointer?: string;
  detail: string;
}

export type ProblemCode =
  | 'invalid'
  | 'unauthenticated'
  | 'forbidden'
  | 'foreign-origin'
  | 'not-found'
  | 'refused'
  /** A running campaign works against the one that was to be started. */
  | 'opposite'
  | 'too-large'
  | 'media-type'
  | 'too-many'
  | 'unavailable'
  | 'internal'
  /** The console itself does not answer: there is no HTTP response. */
  | 'unreachable';

const TYPE_PREFIX = 'urn:vnf-migrator:problem:';

export class ApiProblem extends Error {
  readonly code: ProblemCode;
  readonly problems: readonly FieldProblem[];

  constructor({
    code,
    detail,
    problems = [],
  }: {
    code: ProblemCode;
    detail: string;
    problems?: readonly FieldProblem[];
  }) {
    super(detail);
    this.code = code;
    this.problems = problems;
  }

  /** It may go away by itself, so it is worth another try. */
  get isPassing(): boolean {
    return ['unreachable', 'unavailable', 'too-many'].includes(this.code);
  }
}

/** The body of a response that is no success. A proxy before the console may send anything. */
export function problemFrom({ status, body }: { status: number; body: unknown }): ApiProblem {
  const given = typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {};
  const type = typeof given['type'] === 'string' ? given['type'] : '';
  const code = type.startsWith(TYPE_PREFIX)
    ? (type.slice(TYPE_PREFIX.length) as ProblemCode)
    : codeOf(status);
  const text = given['detail'] ?? given['title'];
  const detail = typeof text === 'string' ? text : `the console answered ${status}`;
  return new ApiProblem({ code, detail, problems: fieldProblems(given['problems']) });
}

function codeOf(status: number): ProblemCode {
  if (status === 401) return 'unauthenticated';
  if (status === 403) return 'forbidden';
  if (status === 404) return 'not-found';
  if (status === 429) return 'too-many';
  return [502, 503, 504].includes(status) ? 'unavailable' : 'internal';
}

function fieldProblems(given: unknown): FieldProblem[] {
  if (!Array.isArray(given)) return [];
  return given.flatMap((one: unknown): FieldProblem[] => {
    if (typeof one !== 'object' || one === null || !('detail' in one)) return [];
    const pointer = 'pointer' in one && typeof one.pointer === 'string' ? { pointer: one.pointer } : {};
    return [{ ...pointer, detail: String(one.detail) }];
  });
}

/** Whatever was thrown, as a problem. */
export function asProblem(error: unknown): ApiProblem {
  if (error instanceof ApiProblem) return error;
  return new ApiProblem({ code: 'internal', detail: error instanceof Error ? error.message : String(error) });
}
