// `npm run sbom` writes the bills of materials of the package into `.vnf-migrator/sbom/`: CycloneDX and SPDX, of all that is
// installed with it, on any platform, and of what is bundled into the console's pages. It does not use
// `npm sbom --omit dev`: that leaves out every package that a development dependency uses as well, `commander` for one.
// Here there are no development dependencies.
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const output = join(root, '.vnf-migrator', 'sbom');
const FORMATS = { cyclonedx: 'vnf-migrator.cdx.json', spdx: 'vnf-migrator.spdx.json' };

function npm(cwd, ...args) {
  const { status, stdout, stderr } = spawnSync('npm', args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 26 });
  if (status !== 0) throw new Error(`npm ${args.join(' ')} failed:\n${stderr}`);
  return stdout;
}

/** Development dependencies whose code the pages hold, by the file that vite writes. */
function bundledIntoPages() {
  const licenses = readFileSync(join(root, 'dist', 'console', 'pages', 'licenses.md'), 'utf8');
  return [...licenses.matchAll(/^## (\S+) - /gm)].map(([, name]) => name);
}

const directory = mkdtempSync(join(tmpdir(), 'vnf-migrator-sbom-'));
try {
  // npm names the product after its folder.
  const folder = join(directory, 'vnf-migrator');
  mkdirSync(folder);
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const { dependencies, devDependencies } = manifest;
  for (const name of bundledIntoPages()) dependencies[name] ??= devDependencies[name];
  delete manifest.devDependencies;
  writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
  for (const file of ['package-lock.json', '.npmrc']) copyFileSync(join(root, file), join(folder, file));
  npm(folder, 'install', '--package-lock-only', '--ignore-scripts', '--prefer-offline');
  mkdirSync(output, { recursive: true });
  for (const [format, name] of Object.entries(FORMATS)) {
    const bill = npm(folder, 'sbom', '--package-lock-only', '--sbom-format', format);
    writeFileSync(join(output, name), bill);
    console.log(`.vnf-migrator/sbom/${name}`);
  }
} finally {
  rmSync(directory, { recursive: true, force: true });
}
