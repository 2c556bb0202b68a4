// A failure of `dev` that a person can act on: one message with the problem and what to install or set. Any other
// error that is thrown here is a defect.

export class DevError extends Error {
  override readonly name = 'DevError';
}

/** The text of any thrown value. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Returns true if a system call failed with this code. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
