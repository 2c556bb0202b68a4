/**
 * Lists of workflows, as Temporal's visibility has them: queries, and their pages.
 *
 * Invariants: a value in a query is quoted: whatever it holds, it stays a value. Memos are not read, so that one which
 * this client has no key for hides nothing. Visibility is some moments behind.
 */
import { createHash } from 'node:crypto';
import {
  isGrpcServiceError,
  ServiceError,
  type Client,
  type WorkflowExecutionInfo,
} from '@temporalio/client';
import { executionInfoFromRaw } from '@temporalio/client/lib/helpers.js';
import { InvalidCursorError, MissingSearchAttributesError } from './errors.js';
import { isUnknownSearchAttribute } from './search-attributes.js';

/** By which status lists are filtered, as Temporal's queries write it. */
export const LISTED_STATUSES = [
  'Running',
  'Completed',
  'Failed',
  'Canceled',
  'Terminated',
  'TimedOut',
] as const;
export type ListedStatus = (typeof LISTED_STATUSES)[number];

/** In any case; null: it is none of them. */
export function listedStatus(text: string): ListedStatus | null {
  return LISTED_STATUSES.find((status) => status.toLowerCase() === text.toLowerCase()) ?? null;
}

/** A query for a type of workflow. A value that is undefined filters nothing. */
export function visibilityQuery(
  workflowType: string,
  { where, others = [] }: { where: Record<string, string | undefined>; others?: readonly string[] },
): string {
  const equals: Record<string, string | undefined> = { WorkflowType: workflowType, ...where };
  const clauses = Object.entries(equals).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name} = ${quoted(value)}`],
  );
  return [...clauses, ...others].join(' AND ');
}

/** Some values are found by no query, however they are written: with a backslash, a double quote, or a quote at the end. */
function quoted(value: string): string {
  return `'${value.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
}

/** Which page of a list. */
export interface PageRequest {
  pageSize: number;
  /** Of the page before; none: the first page. */
  cursor?: string | undefined;
}

export type ListedExecution = Omit<WorkflowExecutionInfo, 'memo'>;

export interface ExecutionsPage {
  executions: ListedExecution[];
  /** Null: this was the last page. What it leads to may be empty. */
  nextCursor: string | null;
}

const LIST_TIMEOUT_MS = 10_000;
const CHECKSUM_BYTES = 6;

/** The newest first. @throws InvalidCursorError, MissingSearchAttributesError, ServiceError */
export async function executionsPage(
  client: Client,
  { query, pageSize, cursor }: PageRequest & { query: string },
): Promise<ExecutionsPage> {
  const { namespace, loadedDataConverter } = client.options;
  const nextPageToken = cursor === undefined ? new Uint8Array() : tokenOf(cursor, query);
  const request = { namespace, query, pageSize, nextPageToken };
  const call = () => client.workflowService.listWorkflowExecutions(request);
  const page = await client.withDeadline(Date.now() + LIST_TIMEOUT_MS, call).catch((error: unknown) => {
    throw listError(error);
  });
  const executions = page.executions.map((raw) => {
    raw.memo = null;
    return executionInfoFromRaw(raw, loadedDataConverter, raw, namespace);
  });
  return {
    executions: await Promise.all(executions),
    nextCursor: page.nextPageToken.length === 0 ? null : cursorOf(page.nextPageToken, query),
  };
}

/**
 * Temporal's token with a checksum: of a token that is none Temporal says nothing that is told from an outage, and of one
 * of another list it makes a page. It keeps nobody from making one up, who then waits in vain.
 */
export function cursorOf(token: Uint8Array, query: string): string {
  return Buffer.concat([checksumOf(token, query), token]).toString('base64url');
}

/** @throws InvalidCursorError */
export function tokenOf(cursor: string, query: string): Uint8Array {
  const bytes = Buffer.from(cursor, 'base64url');
  const token = bytes.subarray(CHECKSUM_BYTES);
  if (token.length === 0 || cursorOf(token, query) !== cursor) throw new InvalidCursorError();
  return token;
}

function checksumOf(token: Uint8Array, query: string): Uint8Array {
  return createHash('sha256').update(query).update(token).digest().subarray(0, CHECKSUM_BYTES);
}

/** As the SDK has them. */
function listError(error: unknown): unknown {
  if (!isGrpcServiceError(error)) return error;
  const known = new ServiceError('Failed to list workflows', { cause: error });
  return isUnknownSearchAttribute(known) ? new MissingSearchAttributesError({ cause: error }) : known;
}
