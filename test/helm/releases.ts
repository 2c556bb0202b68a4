/**
 * One release through its life on a real API server: install, upgrade to two builds, a build taken away, rollback, `helm test`,
 * uninstall. Each step is asked for with `--wait`, hooks included, in a namespace that enforces the restricted standard.
 */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Cluster } from './cluster.js';
import { CHART, NAMESPACE, RELEASE } from './manifests.js';

const execute = promisify(execFile);
const STEP_TIMEOUT = '120s';

export interface Life {
  helm: string;
  kubeconfig: string;
  cluster: Cluster;
  report: (line: string) => void;
}

const FULL_NAME = `${RELEASE}-vnf-migrator`;
const WORKER = `${FULL_NAME}-worker`;
const BOTH = [`${WORKER}-0-1-0`, `${WORKER}-0-2-0`];
const ONLY_NEW = 'worker.builds=[{"id":"0.2.0"}]';

interface Step {
  what: string;
  args: string[];
  /** The Deployments of workers that must be there after it. */
  workers: readonly string[];
  /** What pods must have run, and ended, in this order: hooks and tests. */
  ran: readonly string[];
}

const STEPS: readonly Step[] = [
  {
    what: 'install, without versions',
    args: ['install', RELEASE, CHART, ...valuesOf('minimal'), '--wait'],
    workers: [WORKER],
    ran: ['setup'],
  },
  {
    what: 'upgrade to two builds',
    args: ['upgrade', RELEASE, CHART, ...valuesOf('builds'), '--wait'],
    workers: BOTH,
    ran: ['setup', 'setup --current-version 0.2.0'],
  },
  {
    what: 'take the drained build away',
    args: ['upgrade', RELEASE, CHART, ...valuesOf('builds'), '--set-json', ONLY_NEW, '--wait'],
    workers: [`${WORKER}-0-2-0`],
    ran: ['setup', 'setup --current-version 0.2.0'],
  },
  {
    what: 'rollback',
    args: ['rollback', RELEASE, '2', '--wait'],
    workers: BOTH,
    ran: ['setup --current-version 0.2.0'],
  },
  { what: 'helm test', args: ['test', RELEASE], workers: BOTH, ran: ['doctor'] },
  { what: 'uninstall', args: ['uninstall', RELEASE, '--wait'], workers: [], ran: [] },
];

export async function lifeFindings(life: Life): Promise<string[]> {
  const { cluster, report } = life;
  for (const step of STEPS) {
    const before = cluster.ended.length;
    const found = await helm(life, step.args)
      .then(() => findingsAfter(step, { cluster, ran: cluster.ended.slice(before) }))
      .catch((error: unknown) => [String(error)]);
    report(
      `  ${step.what}: ${found.length === 0 ? `as it must be (${await countOf(cluster)})` : 'findings'}`,
    );
    // The steps after it stand on it.
    if (found.length > 0) return found.map((finding) => `${step.what}: ${finding}`);
  }
  return await leftFindings(cluster);
}

async function findingsAfter(
  { workers, ran: expected }: Step,
  { cluster, ran }: { cluster: Cluster; ran: readonly string[] },
): Promise<string[]> {
  return [
    ...(ran.join() === expected.join() ? [] : [`what ran is: ${ran.join(', ')}`]),
    ...(await workersFindings(cluster, workers)),
    ...(await budgetFindings(cluster, workers)),
  ];
}

function valuesOf(name: string): string[] {
  return ['--values', `test/helm/values/${name}.yaml`];
}

async function helm({ helm: command, kubeconfig }: Life, args: string[]): Promise<void> {
  const all = [...args, '--namespace', NAMESPACE, '--timeout', STEP_TIMEOUT];
  await execute(command, all, { env: { ...process.env, KUBECONFIG: kubeconfig } });
}

async function workersFindings(cluster: Cluster, expected: readonly string[]): Promise<string[]> {
  const deployments = await cluster.list('Deployment', 'apps/v1');
  const workers = deployments.filter(({ metadata }) => metadata.name.startsWith(WORKER));
  const names = workers.map(({ metadata }) => metadata.name).sort();
  const others = names.join() === [...expected].sort().join() ? [] : [`the workers are ${names.join(', ')}`];
  const late = deployments.filter(
    ({ spec, status }) => (status?.['readyReplicas'] ?? 0) !== spec?.['replicas'],
  );
  return [...others, ...late.map(({ metadata }) => `${metadata.name}: not all pods are ready`)];
}

/** A budget that selects no pods would let a drain of nodes end all of them. */
async function budgetFindings(cluster: Cluster, workers: readonly string[]): Promise<string[]> {
  const counted = async (): Promise<{ name: string; pods: unknown }[]> => {
    const budgets = await cluster.list('PodDisruptionBudget', 'policy/v1');
    return budgets.map(({ metadata, status }) => ({
      name: metadata.name,
      pods: status?.['expectedPods'] ?? 0,
    }));
  };
  const areCounted = async (): Promise<boolean> =>
    (await counted()).every(({ pods }) => typeof pods === 'number' && pods > 0);
  await cluster.until('each budget counts the pods of its Deployment', areCounted);
  const names = (await counted()).map(({ name }) => name);
  return workers.filter((name) => !names.includes(name)).map((name) => `${name}: it has no budget`);
}

/** After the uninstall: nothing but the pod of the last `helm test`, whose log a person may want. */
async function leftFindings(cluster: Cluster): Promise<string[]> {
  const kinds = [
    ...[['Pod', 'v1'] as const, ['Service', 'v1'] as const, ['ServiceAccount', 'v1'] as const],
    ...[['Job', 'batch/v1'] as const, ['NetworkPolicy', 'networking.k8s.io/v1'] as const],
    ['PodDisruptionBudget', 'policy/v1'] as const,
  ];
  // The policy of the hooks is there before a release, so Helm does not count it as a part of it.
  const expected = [`Pod/${FULL_NAME}-doctor`, `NetworkPolicy/${FULL_NAME}-setup`, 'ServiceAccount/default'];
  const left = async (): Promise<string[]> => {
    const lists = kinds.map(async ([kind, apiVersion]) =>
      (await cluster.list(kind, apiVersion)).map(({ metadata }) => `${kind}/${metadata.name}`),
    );
    return (await Promise.all(lists)).flat().filter((name) => !expected.includes(name));
  };
  return cluster
    .until('nothing is left', async () => (await left()).length === 0)
    .then(
      () => [],
      async () => (await left()).map((name) => `uninstall: it left ${name}`),
    );
}

async function countOf(cluster: Cluster): Promise<string> {
  const pods = await cluster.list('Pod', 'v1');
  const policies = await cluster.list('NetworkPolicy', 'networking.k8s.io/v1');
  return `${pods.length} pods, ${policies.length} network policies`;
}
