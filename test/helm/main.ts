/**
 * `npm run test:helm` checks the chart of deploy/helm: lint, the manifests of several values, schemas of the API, policies of
 * pods, the settings that the containers start with, wrong values, and one release through its life on a real API server.
 * The exit code is 1 on any finding, and 2 if the run itself failed.
 */
import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { Supervisor } from '../../src/dev/processes/supervisor.js';
import { Authority } from '../support/certificates.js';
import { readPage } from '../support/markdown.js';
import { startApiServer } from './api-server.js';
import { Cluster } from './cluster.js';
import { CHART, manifestsIn, podsOf, renderText, type Manifest } from './manifests.js';
import { podFindings } from './policies.js';
import { refusalFindings, REFUSALS } from './refusals.js';
import { lifeFindings } from './releases.js';
import { scalerFindings } from './scaler.js';
import { schemaFindings, writeSchemas } from './schemas.js';
import { SECRET, settingsFindings, type SampleSecrets } from './settings.js';
import { findTools, type Tools } from './tools.js';

const execute = promisify(execFile);

const VALUES = 'test/helm/values';
const PAGE = 'docs/kubernetes.md';
const MINIMAL = join(VALUES, 'minimal.yaml');
/** Its rules and dashboards are copies of those of deploy/observability. */
const HAS_ALERTS = existsSync(join(CHART, 'files/alerts.yaml'));

interface Checked {
  tools: Tools;
  folder: string;
  samples: SampleSecrets;
  report: (line: string) => void;
}

interface Rendered {
  name: string;
  file: string;
  manifests: Manifest[];
}

async function main(): Promise<number> {
  const report = (line: string): void => console.log(line);
  const folder = await mkdtemp(join(tmpdir(), 'vnf-migrator-helm-'));
  const supervisor = await Supervisor.start(join(folder, 'servers'));
  const authority = await Authority.create();
  try {
    const tools = await findTools({ supervisor, env: process.env, report });
    const startedAtMs = Date.now();
    const client = await authority.sign({ name: 'vnf-migrator' });
    const checked = { tools, folder, samples: { folder, ca: authority.ca, client }, report };
    const rendered = await renderAll(checked);
    const findings = [
      ...(await checkManifests(checked, rendered)),
      ...(await checkPage(checked)),
      ...(await checkRefusals(checked)),
      ...(await checkOnServer({ ...checked, supervisor }, rendered)),
    ];
    for (const finding of findings) report(`FINDING ${finding}`);
    const seconds = Math.round((Date.now() - startedAtMs) / 1_000);
    report(`${findings.length} findings in ${seconds} s, with Kubernetes ${tools.version}`);
    return findings.length;
  } finally {
    await supervisor.close();
    await rm(authority.folder, { recursive: true, force: true });
    await rm(folder, { recursive: true, force: true });
  }
}

/** By Helm 4. Helm 3 must render the same. */
async function renderAll({ tools, folder, report }: Checked): Promise<Rendered[]> {
  const names = readdirSync(VALUES).sort();
  const rendered: Rendered[] = [];
  for (const name of names) {
    const values = join(VALUES, name);
    const { stdout } = await execute(tools.helm4, [
      'lint',
      '--strict',
      CHART,
      '--values',
      values,
      '--kube-version',
      tools.version,
    ]);
    if (!stdout.includes('0 chart(s) failed')) throw new Error(stdout);
    const set = HAS_ALERTS ? [] : ['monitoring.prometheusRule.enabled=false'];
    const rendering = { version: tools.version, values: [values], set };
    const text = await renderText({ ...rendering, helm: tools.helm4 });
    const before = await renderText({ ...rendering, helm: tools.helm3 });
    if (sorted(text) !== sorted(before))
      throw new Error(`${name}: Helm 3 renders something else than Helm 4`);
    const file = join(folder, name);
    await writeFile(file, text);
    rendered.push({ name, file, manifests: manifestsIn(text) });
  }
  report(`${names.length} files of values: linted, and rendered alike by Helm 4 and Helm 3`);
  return rendered;
}

/** Helm orders kinds by their names, and one version differs from another within a kind. */
function sorted(text: string): string {
  return JSON.stringify(
    manifestsIn(text)
      .map((one) => JSON.stringify(one))
      .sort(),
  );
}

async function checkManifests(checked: Checked, rendered: readonly Rendered[]): Promise<string[]> {
  const { tools, folder, samples, report } = checked;
  const schemas = join(folder, 'schemas');
  const kinds = await writeSchemas(tools, schemas);
  const findings: string[] = [];
  const counts = { manifests: 0, pods: 0 };
  for (const { name, file, manifests } of rendered) {
    const { resources, findings: ofSchemas } = await schemaFindings(tools, { file, schemas });
    const { pods, findings: ofPods } = podFindings(manifests);
    counts.manifests += resources;
    counts.pods += pods;
    const found = [
      ...(resources === manifests.length
        ? []
        : [`${resources} of ${manifests.length} manifests were looked at`]),
      ...ofSchemas,
      ...ofPods,
      ...(await settingsFindings(manifests, { ...samples, folder: join(folder, `${name}.files`) })),
      ...(await scalerFindings(manifests, tools.scaler)),
      ...((await readFile(file, 'utf8')).includes(SECRET) ? ['a secret is in the manifests'] : []),
    ];
    findings.push(...found.map((one) => `${name}: ${one}`));
  }
  report(`${counts.manifests} manifests: checked by the schemas of ${kinds} kinds`);
  report(`${counts.pods} pods: checked for what protects them, and for the settings that they start with`);
  return findings;
}

/** The values that the page shows must work, each beside what must be given. */
async function checkPage({ tools, folder, report }: Checked): Promise<string[]> {
  const shown = readPage(PAGE).blocks.filter(({ value }) => value.language === 'yaml');
  const findings: string[] = [];
  for (const { at, value } of shown) {
    const file = join(folder, 'shown.yaml');
    await writeFile(file, value.lines.join('\n'));
    const rendering = { helm: tools.helm4, version: tools.version, values: [MINIMAL, file] };
    const refusal = await renderText(rendering).then(() => null, String);
    if (refusal !== null) findings.push(`${at}: ${refusal}`);
  }
  report(`${shown.length} examples of ${PAGE}: rendered`);
  return shown.length === 0 ? [`${PAGE} shows no values`] : findings;
}

async function checkRefusals({ tools, report }: Checked): Promise<string[]> {
  const findings = await refusalFindings({ helm: tools.helm4, version: tools.version, values: [MINIMAL] });
  report(`${REFUSALS} wrong values: refused by name`);
  return findings;
}

async function checkOnServer(
  { tools, supervisor, report }: Checked & { supervisor: Supervisor },
  rendered: readonly Rendered[],
): Promise<string[]> {
  const api = await startApiServer({ supervisor, tools });
  const cluster = new Cluster(api);
  await cluster.prepare(tools.customResources);
  try {
    const findings: string[] = [];
    let [count, pods] = [0, 0];
    for (const { name, manifests } of rendered) {
      // Pods are offered below, all alike.
      for (const manifest of manifests.filter(({ kind }) => kind !== 'Pod')) {
        count += 1;
        const refusal = await cluster.refusal(manifest);
        if (refusal !== null)
          findings.push(`${name}: ${manifest.kind}/${manifest.metadata.name}: ${refusal}`);
      }
      for (const pod of podsOf(manifests)) {
        pods += 1;
        const refusal = await cluster.podRefusal(pod);
        if (refusal !== null) findings.push(`${name}: the pod of ${pod.of}: ${refusal}`);
      }
    }
    report(`${count} manifests and ${pods} pods: sent to an API server (strict, dry run)`);
    report('one release on the API server, in a namespace that enforces the restricted standard:');
    const life = await lifeFindings({ helm: tools.helm4, kubeconfig: api.kubeconfig, cluster, report });
    return [...findings, ...life, ...cluster.troubles];
  } finally {
    await cluster.close();
  }
}

try {
  process.exitCode = (await main()) === 0 ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
