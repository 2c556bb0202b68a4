// What `dev` cannot do, said in one message meant for a person: what failed and what to install or set.
// Anything else that is thrown here is a defect.

export class DevError extends Error {
  override readonly name = 'DevError';
}

/** The text of anything that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Whether a system call failed with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
