// Finds a program by the rules of a shell.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';

interface Wanted {
  name: string;
  env: NodeJS.ProcessEnv;
}

/** The first executable file of that name in the folders of PATH. */
export function findOnPath({ name, env }: Wanted): string | null {
  const folders = (env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.map((folder) => join(folder, name)).find(isExecutable) ?? null;
}

export function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
