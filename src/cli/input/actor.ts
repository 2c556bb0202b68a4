/** The default actor of an order. */
import { userInfo } from 'node:os';

/** The user's name. In a container the user may have no name. */
export function presentUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${String(process.getuid?.() ?? 'unknown')}`;
  }
}
