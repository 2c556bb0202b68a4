/** Temporal's own command line: a caller that knows only names, and the addresses of the stack. */
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { cachedTemporal } from '../../src/dev/temporal/install.js';

export function temporalExecutable(): string {
  const env = process.env;
  return findOnPath({ name: 'temporal', env }) ?? cachedTemporal(env);
}
