/** Who gives an order, by default. */
import { userInfo } from 'node:os';

/** The user's name; in a container the user may have none. */
export function presentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${String(process.getuid?.() ?? 'unknown')}`;
  }
}
