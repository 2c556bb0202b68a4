/**
 * The programs and the descriptions of the API that the checks of the chart need, built with Go and kept in the user's cache
 * folder.
 *
 * Invariant: a folder that has its name is complete, because it gets it only by a rename. tools/go.mod pins every version;
 * the name has a hash of it.
 */
import { createHash } from 'node:crypto';
import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DevError } from '../../src/dev/errors.js';
import { findOnPath } from '../../src/dev/install/find-on-path.js';
import { runInstallStep, type Installer } from '../../src/dev/install/step.js';
import { cachedTemporal } from '../../src/dev/temporal/install.js';

const execute = promisify(execFile);

const MODULE = fileURLToPath(new URL('tools', import.meta.url));
const BUILD_TIMEOUT_MS = 60 * 60_000;
/** A program that is built as a dependency does not know its version. An API server tells it to its clients. */
const FLAGS = (version: string): string =>
  `-s -w -X k8s.io/component-base/version.gitVersion=${version} -X helm.sh/helm/v4/internal/version.version=v4 -X helm.sh/helm/v3/internal/version.version=v3`;

/** Their custom resources are in the modules. No code of them is built. */
const KEDA = 'github.com/kedacore/keda/v2@v2.21.0';
const PROMETHEUS_OPERATOR = 'github.com/prometheus-operator/prometheus-operator@v0.85.0';
const CUSTOM_RESOURCES = [
  [KEDA, 'config/crd/bases', ['keda.sh_scaledobjects.yaml', 'keda.sh_triggerauthentications.yaml']],
  [
    PROMETHEUS_OPERATOR,
    'example/prometheus-operator-crd',
    ['monitoring.coreos.com_podmonitors.yaml', 'monitoring.coreos.com_prometheusrules.yaml'],
  ],
] as const;
/** Names the fields that a trigger may have. A custom resource takes any. */
const SCALER = 'pkg/scalers/temporal_scaler.go';

export interface Tools {
  /** Of Kubernetes, such as `v1.37.2`. */
  version: string;
  helm4: string;
  helm3: string;
  kubeconform: string;
  etcd: string;
  apiServer: string;
  controllerManager: string;
  /** A folder of the descriptions of the API (OpenAPI 3). */
  openapi: string;
  /** A folder of definitions of custom resources. */
  customResources: string;
  /** The source of KEDA's scaler. */
  scaler: string;
}

export async function findTools(installer: Installer): Promise<Tools> {
  const definition = readFileSync(join(MODULE, 'go.mod'), 'utf8');
  const version = /k8s\.io\/kubernetes (v[\d.]+)/.exec(definition)?.[1] ?? '';
  const hash = createHash('sha256').update(definition).update(JSON.stringify(CUSTOM_RESOURCES)).digest('hex');
  const caches = join(dirname(cachedTemporal(installer.env)), '..');
  const folder = join(caches, `helm-tools-${version}-${hash.slice(0, 8)}`);
  if (!existsSync(folder)) await install({ installer, folder, version });
  const inside = (...path: string[]): string => join(folder, ...path);
  return {
    version,
    helm4: inside('helm4', 'helm'),
    helm3: inside('helm3', 'helm'),
    kubeconform: inside('kubeconform'),
    etcd: inside('server'),
    apiServer: inside('kube-apiserver'),
    controllerManager: inside('kube-controller-manager'),
    openapi: inside('openapi'),
    customResources: inside('custom-resources'),
    scaler: inside('temporal_scaler.go'),
  };
}

interface Install {
  installer: Installer;
  folder: string;
  version: string;
}

async function install({ installer, folder, version }: Install): Promise<void> {
  const { env } = installer;
  const go = findOnPath({ name: 'go', env });
  if (env['VNF_MIGRATOR_NO_INSTALL'] === '1')
    throw new DevError(
      'Helm and an API server are needed, and VNF_MIGRATOR_NO_INSTALL forbids to build them',
    );
  if (go === null) throw new DevError('building Helm and an API server needs Go, which is not on the PATH');
  await mkdir(dirname(folder), { recursive: true });
  const made = await mkdtemp(`${folder}-new-`);
  try {
    await downloadDescriptions(go, made);
    for (const { what, into, packages } of BUILDS) {
      const output = `${join(made, into)}/`;
      await mkdir(output, { recursive: true });
      const args = ['build', '-C', MODULE, '-mod=readonly', '-trimpath', '-ldflags', FLAGS(version)];
      await runInstallStep({
        installer,
        what: `building ${what} with Go, once`,
        command: go,
        args: [...args, '-o', output, ...packages],
        timeoutMs: BUILD_TIMEOUT_MS,
      });
    }
    await rename(made, folder);
    installer.report(`kept in ${folder}`);
  } finally {
    await rm(made, { recursive: true, force: true });
  }
}

const BUILDS = [
  {
    what: 'Helm 4 (about 3 minutes)',
    into: 'helm4',
    packages: ['helm.sh/helm/v4/cmd/helm'],
  },
  { what: 'Helm 3', into: 'helm3', packages: ['helm.sh/helm/v3/cmd/helm'] },
  {
    what: 'an API server, its controllers, etcd and kubeconform (about 6 minutes)',
    into: '.',
    packages: [
      'github.com/yannh/kubeconform/cmd/kubeconform',
      'go.etcd.io/etcd/server/v3',
      'k8s.io/kubernetes/cmd/kube-apiserver',
      'k8s.io/kubernetes/cmd/kube-controller-manager',
    ],
  },
] as const;

async function downloadDescriptions(go: string, folder: string): Promise<void> {
  const kubernetes = await moduleFolder(go, ['list', '-C', MODULE, '-m', '-json', 'k8s.io/kubernetes']);
  await cp(join(kubernetes, 'api/openapi-spec/v3'), join(folder, 'openapi'), { recursive: true });
  for (const [name, path, files] of CUSTOM_RESOURCES) {
    const module = await moduleFolder(go, ['mod', 'download', '-json', name]);
    for (const file of files) await cp(join(module, path, file), join(folder, 'custom-resources', file));
    if (name === KEDA) await cp(join(module, SCALER), join(folder, 'temporal_scaler.go'));
  }
}

async function moduleFolder(go: string, args: string[]): Promise<string> {
  // What `list` names may not be there yet.
  if (args[0] === 'list') await execute(go, ['mod', 'download', '-C', MODULE, 'k8s.io/kubernetes']);
  const { stdout } = await execute(go, args);
  return (JSON.parse(stdout) as { Dir: string }).Dir;
}
