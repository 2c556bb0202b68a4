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

/** The names of Deployments of workers that must be there after a step. */
const WORKER = `${RELEASE}-vnf-migrator-worker`;

export async function lifeFindings(life: Life): Promise<string[]> {
  const { cluster, report } = life;
  const findings: string[] = [];
  const steps: readonly (readonly [string, () => Promise<void>, readonly string[]])[] = [
    [
      'install, without versions',
      () => helm(life, ['install', RELEASE, CHART, ...valuesOf('minimal')]),
      [WORKER],
    ],
    [
      'upgrade to two builds',
      () => helm(life, ['upgrade', RELEASE, CHART, ...valuesOf('builds')]),
      [`${WORKER}-0-1-0`, `${WORKER}-0-2-0`],
    ],
    [
      'take the drained build away',
      () =>
        helm(life, [
          'upgrade',
          RELEASE,
          CHART,
          ...valuesOf('builds'),
          '--set-json',
          'worker.builds=[{"id":"0.2.0"}]',
        ]),
      [`${WORKER}-0-2-0`],
    ],
    ['rollback', () => helm(life, ['rollback', RELEASE, '2']), [`${WORKER}-0-1-0`, `${WORKER}-0-2-0`]],
    ['helm test', () => helm(life, ['test', RELEASE]), [`${WORKER}-0-1-0`, `${WORKER}-0-2-0`]],
    ['uninstall', () => helm(life, ['uninstall', RELEASE]), []],
  ];
  for (const [what, run, workers] of steps) {
    try {
      await run();
    } catch (error) {
      // The steps after it stand on it.
      return [...findings, `${what}: ${String(error)}`];
    }
    const found = [...(await workersFindings(cluster, workers)), ...(await budgetFindings(cluster, workers))];
    report(`  ${what}: ${found.length === 0 ? `as it must be (${await countOf(cluster)})` : 'findings'}`);
    findings.push(...found.map((finding) => `${what}: ${finding}`));
  }
  return findings;
}

function valuesOf(name: string): string[] {
  return ['--values', `test/helm/values/${name}.yaml`];
}

async function helm({ helm: command, kubeconfig }: Life, args: string[]): Promise<void> {
  const [verb] = args;
  const waits = verb === 'test' ? [] : ['--wait'];
  const all = [...args, '--namespace', NAMESPACE, ...waits, '--timeout', STEP_TIMEOUT];
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

async function countOf(cluster: Cluster): Promise<string> {
  const pods = await cluster.list('Pod', 'v1');
  const policies = await cluster.list('NetworkPolicy', 'networking.k8s.io/v1');
  return `${pods.length} pods, ${policies.length} network policies`;
}
