/** Schemathesis, installed into the project's own folder, and one run of it. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const VERSION = '4.32.5';
const PYTHON = process.env['PYTHON'] ?? 'python3';
const HOOKS = fileURLToPath(new URL('.', import.meta.url));
const ENDS_WITHIN_MS = 1_200_000;
/** A VIM list takes up to 45 s where the MANO does not answer. */
const ANSWER_WITHIN_SECONDS = 60;

/**
 * Left out are
 * - positive_data_acceptance: no schema says which VIMs, cursors and campaigns there are, nor what a campaign's fields allow
 *   one another; what fits the schema is refused for that, as it should be;
 * - allow_header_conformance: HEAD is there for every GET, and is not described;
 * - use_after_free, ensure_resource_availability, object_level_authorization: they need links between operations; a campaign
 *   cannot be deleted, and every operator may do everything.
 */
const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
  'negative_data_rejection',
  'missing_required_header',
  'unsupported_method',
  'ignored_auth',
];

/** What is too large is refused before it is looked at. */
const SETTINGS = `[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 413, 415, 422, 429]
`;

export interface FuzzRun {
  url: string;
  directory: string;
  /** As its callers see it. */
  description: object;
  tokens: readonly string[];
  examples: number;
  seed: number;
}

export interface FuzzResult {
  hasPassed: boolean;
  /** Such as `4560 generated`. */
  cases: string;
  output: string;
}

/** The command. */
export async function installSchemathesis(report: (line: string) => void): Promise<string> {
  const environment = resolve(`.vnf-migrator/fuzz/schemathesis-${VERSION}`);
  const command = join(environment, 'bin', 'schemathesis');
  const isThere = await execute(command, ['--version']).then(
    () => true,
    () => false,
  );
  if (isThere) return command;
  report(`schemathesis ${VERSION}: installing into ${environment}`);
  await execute(PYTHON, ['-m', 'venv', environment]);
  const pip = ['install', '--quiet', '--disable-pip-version-check', `schemathesis==${VERSION}`];
  await execute(join(environment, 'bin', 'pip'), pip);
  return command;
}

export async function runSchemathesis(
  command: string,
  { url, directory, description, tokens, examples, seed }: FuzzRun,
): Promise<FuzzResult> {
  const [file, tokensFile, logFile] = ['openapi.json', 'tokens.json', 'schemathesis.log'].map((name) =>
    join(directory, name),
  ) as [string, string, string];
  await writeFile(file, JSON.stringify(description));
  await writeFile(join(directory, 'schemathesis.toml'), SETTINGS);
  await writeFile(tokensFile, JSON.stringify(tokens), { mode: 0o600 });
  const args = [
    ...['run', file, '--url', url, '--seed', String(seed), '--max-examples', String(examples)],
    ...['--checks', CHECKS.join(','), '--mode', 'all', '--phases', 'examples,coverage,fuzzing'],
    // A stream does not end. `streams.ts` looks at them.
    ...['--exclude-path-regex', '/events$'],
    // With more, Python 3.11 fails now and then: its parser's count of recursions is shared by threads.
    ...['--workers', '1', '--continue-on-failure', '--generation-database', 'none', '--no-color'],
    ...['--request-timeout', String(ANSWER_WITHIN_SECONDS), '--warnings', 'off'],
  ];
  const child = spawn(command, args, {
    cwd: directory,
    env: {
      ...process.env,
      ...{ FUZZ_TOKENS: tokensFile, SCHEMATHESIS_HOOKS: 'hooks', PYTHONPATH: HOOKS },
      PYTHONDONTWRITEBYTECODE: '1',
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: AbortSignal.timeout(ENDS_WITHIN_MS),
  });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const [code] = (await once(child, 'close')) as [number | null];
  log.end();
  await once(log, 'finish');
  const output = await readFile(logFile, 'utf8');
  const [, cases = 'no test cases'] = /Test cases:\s*(.*)/.exec(output) ?? [];
  return { hasPassed: code === 0, cases, output };
}
