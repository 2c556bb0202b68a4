// Makes a new clone ready to run. It runs `npm ci` if the dependencies are missing or older than the lock file,
// then `npm run build` if the sources are newer than the last successful build. It prints nothing if there is
// nothing to do. It imports only Node's own modules, because the dependencies may not be installed yet.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Written after a successful build. tsc leaves newer files behind even when it fails. */
const BUILT = join(root, 'dist', '.built');
const INSTALLED = join(root, 'node_modules', '.package-lock.json');
const LOCK = join(root, 'package-lock.json');
const SOURCES = [
  'src',
  'scripts',
  'package.json',
  'tsconfig.json',
  'tsconfig.build.json',
  'vite.pages.config.ts',
].map((name) => join(root, name));

function fail(message, code = 1) {
  console.error(message);
  process.exit(code);
}

/** The time of the last change of a file, or of the newest file in a folder. 0 if there is none. */
function changedAt(path) {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (!stats) return 0;
  if (!stats.isDirectory()) return stats.mtimeMs;
  // The time of the folder itself counts too: it changes when a file is removed or renamed.
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => changedAt(join(path, name))));
}

function npm(...args) {
  console.error(`> npm ${args.join(' ')}`);
  const { status, error } = spawnSync('npm', args, {
    cwd: root,
    stdio: ['inherit', 2, 2],
    shell: process.platform === 'win32',
  });
  if (error) fail(`npm cannot be run: ${error.message}`);
  if (status !== 0) fail(`npm ${args.join(' ')} failed`, status ?? 1);
}

function requireNode() {
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const wanted = /(\d+)\.(\d+)/.exec(engines.node).slice(1).map(Number);
  const [major, minor] = process.versions.node.split('.').map(Number);
  const enough = major > wanted[0] || (major === wanted[0] && minor >= wanted[1]);
  if (!enough)
    fail(
      `Node ${engines.node} is needed; this is ${process.versions.node}. ` +
        'Node 20, 22 and 24 are supported. Use 24: 20 gets no fixes since April 2026. See https://nodejs.org/.',
    );
}

requireNode();
// The build needs the development dependencies, even on a machine that is configured to omit them.
if (changedAt(INSTALLED) < changedAt(LOCK)) npm('ci', '--include=dev');
if (changedAt(BUILT) < Math.max(...SOURCES.map(changedAt), changedAt(INSTALLED))) {
  npm('run', '--silent', 'build');
  writeFileSync(BUILT, '');
}
