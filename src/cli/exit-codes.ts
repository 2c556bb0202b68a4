/** Exit codes, the same for every command, and readable texts for errors. */
import { isGrpcServiceError, ServiceError, WorkflowNotFoundError } from '@temporalio/client';
import { ControlRefusedError, InvalidCampaignError, OutcomeUnknownError } from '../client/errors.js';
import { ConfigError } from '../settings/config.js';

export const EXIT = {
  ok: 0,
  /** The VNF was not moved, or the command failed. */
  failed: 1,
  /** Wrong arguments or settings. */
  usage: 2,
  /** It is unknown whether the VNF was moved. */
  unknown: 3,
  /** Ctrl-C: the command stops watching. What it started continues. */
  interrupted: 130,
} as const;

/** Ends the command with a message and an exit code, without a stack trace. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
  readonly code: number;
  constructor(message: string, { code = EXIT.failed }: { code?: number } = {}) {
    super(message);
    this.code = code;
  }
}

/** The readable text and exit code of any error that a command throws. */
export function readableError(error: unknown): { message: string; code: number } {
  if (error instanceof CommandError) return { message: error.message, code: error.code };
  if (error instanceof ConfigError) return { message: error.message, code: EXIT.usage };
  if (error instanceof WorkflowNotFoundError) {
    return { message: `no such migration: ${error.workflowId}`, code: EXIT.failed };
  }
  if (error instanceof InvalidCampaignError) {
    return { message: `the campaign is wrong:\n${indented(error.problems)}`, code: EXIT.usage };
  }
  if (error instanceof ControlRefusedError)
    return { message: `refused: ${error.message}`, code: EXIT.failed };
  if (error instanceof OutcomeUnknownError) return { message: error.message, code: EXIT.unknown };
  if (error instanceof ServiceError) return { message: serviceErrorText(error), code: EXIT.failed };
  return { message: error instanceof Error ? error.message : String(error), code: EXIT.failed };
}

/** One problem a line. */
export function indented(problems: readonly string[]): string {
  return problems.map((problem) => `  ${problem}`).join('\n');
}

function serviceErrorText(error: ServiceError): string {
  const { cause } = error;
  const why = isGrpcServiceError(cause) ? cause.details : (cause?.message ?? '');
  return why === '' ? error.message : `${error.message}: ${why}`;
}
