/** One thing that a migration needs, and how it is. */
export interface Check {
  name: string;
  state: 'ok' | 'warning' | 'failed';
  /** What was seen, and what to do about it. */
  text: string;
}

export type Tell = (check: Check) => void;

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
