/** What every pod of the chart keeps to. A finding is a line for a person. */
import type { Container, Manifest, Pod, PodSpec } from './manifests.js';
import { podsOf } from './manifests.js';

type Rule = readonly [string, (pod: PodSpec, container: Container) => boolean];

const RULES: readonly Rule[] = [
  ['runs as another user than root', ({ securityContext }) => isNotRoot(securityContext)],
  ['has no token of a service account', (pod) => pod.automountServiceAccountToken === false],
  [
    "has the runtime's default system calls",
    ({ securityContext }) =>
      JSON.stringify(securityContext?.['seccompProfile']) === '{"type":"RuntimeDefault"}',
  ],
  [
    'cannot write its root file system',
    (_, { securityContext }) => securityContext?.['readOnlyRootFilesystem'] === true,
  ],
  [
    'gains no privileges',
    (_, { securityContext }) => securityContext?.['allowPrivilegeEscalation'] === false,
  ],
  [
    'has no capabilities',
    (_, { securityContext }) => JSON.stringify(securityContext?.['capabilities']) === '{"drop":["ALL"]}',
  ],
  [
    'has requests, and a limit of memory',
    (_, { resources }) =>
      resources?.limits?.['memory'] !== undefined &&
      resources.requests?.['memory'] !== undefined &&
      resources.requests['cpu'] !== undefined,
  ],
  ['mounts Secrets alone, read-only', (pod, { volumeMounts = [] }) => mountsSecretsAlone(pod, volumeMounts)],
];

const PROBES: readonly Rule[] = [
  ['is started when /livez answers', (_, { startupProbe }) => startupProbe?.httpGet.path === '/livez'],
  ['is alive while /livez answers', (_, { livenessProbe }) => livenessProbe?.httpGet.path === '/livez'],
  ['is ready while /readyz answers', (_, { readinessProbe }) => readinessProbe?.httpGet.path === '/readyz'],
  ['has time to end', ({ terminationGracePeriodSeconds = 0 }) => terminationGracePeriodSeconds >= 30],
];

export function podFindings(manifests: readonly Manifest[]): { pods: number; findings: string[] } {
  const pods = podsOf(manifests);
  const findings = pods.flatMap((pod) => [
    ...brokenRules(pod, RULES),
    // A Job or a test ends by itself.
    ...(pod.kind === 'Deployment' ? brokenRules(pod, PROBES) : []),
  ]);
  return { pods: pods.length, findings: [...findings, ...deploymentFindings(manifests)] };
}

function brokenRules({ of, spec }: Pod, rules: readonly Rule[]): string[] {
  return spec.containers.flatMap((container) =>
    rules.filter(([, holds]) => !holds(spec, container)).map(([rule]) => `${of}: not so: ${rule}`),
  );
}

/** Each Deployment has a budget of its own, and no object holds a Secret's content. */
function deploymentFindings(manifests: readonly Manifest[]): string[] {
  const names = (kind: string): string[] =>
    manifests.filter((one) => one.kind === kind).map(({ metadata }) => metadata.name);
  const budgets = new Set(names('PodDisruptionBudget'));
  return [
    ...names('Deployment')
      .filter((name) => !budgets.has(name))
      .map((name) => `Deployment/${name}: it has no PodDisruptionBudget`),
    ...names('Secret').map((name) => `Secret/${name}: the chart makes no Secrets`),
  ];
}

function isNotRoot(context: Record<string, unknown> = {}): boolean {
  return context['runAsNonRoot'] === true && Number(context['runAsUser']) > 0;
}

function mountsSecretsAlone(
  { volumes = [] }: PodSpec,
  mounts: readonly { name: string; mountPath: string; readOnly?: boolean }[],
): boolean {
  const secrets = new Set(volumes.filter(({ secret }) => secret !== undefined).map(({ name }) => name));
  return (
    secrets.size === volumes.length &&
    mounts.every(({ name, readOnly }) => secrets.has(name) && readOnly === true)
  );
}
