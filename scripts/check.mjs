// Format, types, lint and imports, beside each other: each leaves a processor idle. Prints what each has to say, in this
// order, and fails if one does.
import { spawn } from 'node:child_process';

const CHECKS = ['format:check', 'types', 'lint', 'imports'];

function run(script) {
  return new Promise((resolve) => {
    const child = spawn('npm', ['run', '--silent', script], { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (text) => (said += text));
    child.stderr.on('data', (text) => (said += text));
    child.on('close', (code) => resolve({ script, code, said }));
  });
}

const results = CHECKS.map(run);
for (const result of results) {
  const { script, code, said } = await result;
  console.log(`${script}: ${code === 0 ? 'ok' : 'failed'}`);
  if (code !== 0) {
    console.error(said);
    process.exitCode = 1;
  }
}
