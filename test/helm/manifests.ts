/** What Helm renders, and what of it is a pod. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { loadAll } from 'js-yaml';

const execute = promisify(execFile);
const MOST_OUTPUT_BYTES = 32 * 1024 * 1024;

export const CHART = 'deploy/helm';
export const RELEASE = 'migrations';
export const NAMESPACE = 'nfv';

export interface Manifest {
  apiVersion: string;
  kind: string;
  metadata: {
    name: string;
    namespace?: string;
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  spec?: Record<string, unknown>;
}

export interface Container {
  name: string;
  image: string;
  args: string[];
  env?: { name: string; value?: string; valueFrom?: { secretKeyRef: { name: string; key: string } } }[];
  resources?: { requests?: Record<string, string>; limits?: Record<string, string> };
  securityContext?: Record<string, unknown>;
  startupProbe?: Probe;
  livenessProbe?: Probe;
  readinessProbe?: Probe;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
}

export interface Probe {
  httpGet: { path: string; port: string };
}

export interface PodSpec {
  automountServiceAccountToken?: boolean;
  terminationGracePeriodSeconds?: number;
  securityContext?: Record<string, unknown>;
  containers: Container[];
  volumes?: { name: string; secret?: { secretName: string; items: { key: string; path: string }[] } }[];
}

export interface Pod {
  /** Such as `Deployment/migrations-vnf-migrator-worker`. */
  of: string;
  kind: string;
  labels: Record<string, string>;
  spec: PodSpec;
}

export interface Rendering {
  helm: string;
  /** Of Kubernetes. Helm asks no server here. */
  version: string;
  values: readonly string[];
  /** As of `--set`. */
  set?: readonly string[];
}

export async function renderText({ helm, version, values, set = [] }: Rendering): Promise<string> {
  const args = [
    ...['template', RELEASE, CHART, '--namespace', NAMESPACE, '--kube-version', version],
    ...values.flatMap((file) => ['--values', file]),
    ...set.flatMap((one) => ['--set', one]),
  ];
  const { stdout } = await execute(helm, args, { maxBuffer: MOST_OUTPUT_BYTES });
  return stdout;
}

export function manifestsIn(text: string): Manifest[] {
  return loadAll(text).filter((one): one is Manifest => one !== null && one !== undefined);
}

/** Of Deployments, Jobs and pods. */
export function podsOf(manifests: readonly Manifest[]): Pod[] {
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const of = `${kind}/${metadata.name}`;
    if (kind === 'Pod')
      return [{ of, kind, labels: metadata.labels ?? {}, spec: spec as unknown as PodSpec }];
    const template = spec?.['template'] as { metadata: Manifest['metadata']; spec: PodSpec } | undefined;
    if (template === undefined || !('containers' in template.spec)) return [];
    return [{ of, kind, labels: template.metadata.labels ?? {}, spec: template.spec }];
  });
}
