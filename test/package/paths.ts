/** Where the checks of the package work: a cache of tools in the checkout, and a folder outside it that is removed at the end. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../support/markdown.js';

export const TOOLS = join(ROOT, '.vnf-migrator', 'package-tools');
export const CONSUMER_FILES = fileURLToPath(new URL('consumer/', import.meta.url));

export interface Manifest {
  name: string;
  version: string;
  bin: Record<string, string>;
  exports: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
}
