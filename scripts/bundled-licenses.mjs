// The license texts of the packages whose code is copied into a bundle: their licenses ask that the copy carries them. The
// form is that of the file which vite writes for the console's pages.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PACKAGE_FOLDER = /^.*\/node_modules\/(?:@[^/]+\/)?[^/]+/;
const LICENSE_FILE = /^(?:licen[cs]e|copying)(?:\.|-|$)/i;

/** The text for the packages that these files belong to. A package without a license text ends the build. */
export function licensesOf(files) {
  const folders = new Set(files.flatMap((file) => PACKAGE_FOLDER.exec(file)?.[0] ?? []));
  const packages = [...folders].map(readPackage).sort((one, other) => one.name.localeCompare(other.name));
  return `# Licenses\n\nThe workflow bundles contain code of these packages:\n${packages.map(section).join('\n')}`;
}

function readPackage(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  return { name, version, license, text: licenseText({ folder, name }) };
}

function licenseText({ folder, name }) {
  const file = readdirSync(folder).find((each) => LICENSE_FILE.test(each));
  if (!file) throw new Error(`${name} is in a workflow bundle and has no license text`);
  return readFileSync(join(folder, file), 'utf8');
}

function section({ name, version, license, text }) {
  return `\n## ${name} - ${version} (${license})\n\n${text.trim()}\n`;
}
