/**
 * What the checks ask of an API server: a namespace that enforces the restricted pod security standard, custom resources, dry
 * runs, and a stand-in for the kubelet.
 *
 * The stand-in runs nothing. It says of each pod that it is ready, or, where a pod is to end, that it has succeeded. So
 * `helm install --wait`, hooks and roll-outs take their real course.
 */
import { setTimeout as delay } from 'node:timers/promises';
import type { ApiAnswer, ApiServer } from './api-server.js';
import { NAMESPACE, type Manifest, type Pod } from './manifests.js';
import { customResources } from './schemas.js';

const LOOK_EVERY_MS = 100;
const WAIT_AT_MOST_MS = 60_000;
const NODE = 'stand-in';
const STANDARD = 'pod-security.kubernetes.io/enforce';

/** Where objects of a kind are. A kind that is not here is an error of the test. */
const PLURALS: Readonly<Record<string, string>> = {
  ConfigMap: 'configmaps',
  Deployment: 'deployments',
  Ingress: 'ingresses',
  Job: 'jobs',
  NetworkPolicy: 'networkpolicies',
  Pod: 'pods',
  PodDisruptionBudget: 'poddisruptionbudgets',
  PodMonitor: 'podmonitors',
  PrometheusRule: 'prometheusrules',
  ScaledObject: 'scaledobjects',
  Service: 'services',
  ServiceAccount: 'serviceaccounts',
  TriggerAuthentication: 'triggerauthentications',
};

interface Listed {
  metadata: { name: string; labels?: Record<string, string>; deletionTimestamp?: string };
  spec?: Record<string, unknown>;
  status?: Record<string, unknown>;
}

export class Cluster {
  readonly #ended = new AbortController();
  #kubelet: Promise<void> = Promise.resolve();
  /** What the pods that the stand-in ended were to run. */
  readonly ended: string[] = [];
  /** Why the stand-in failed, for a person. */
  readonly troubles: string[] = [];

  constructor(private readonly api: ApiServer) {}

  /** The namespace, the custom resources, and the stand-in for the kubelet. */
  async prepare(folderOfCustomResources: string): Promise<void> {
    const labels = { [STANDARD]: 'restricted', [`${STANDARD}-version`]: 'latest' };
    await this.#create('/api/v1/namespaces', { metadata: { name: NAMESPACE, labels } });
    const conditions = [{ type: 'Ready', status: 'True' }];
    await this.#create('/api/v1/nodes', { metadata: { name: NODE }, status: { conditions } });
    const definitions = await customResources(folderOfCustomResources);
    for (const definition of definitions) {
      const path = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';
      await this.#create(path, definition);
      const { group, versions, names } = definition.spec;
      const served = `/apis/${group}/${versions[0]?.name ?? ''}/namespaces/${NAMESPACE}/${names.plural}`;
      await this.until(
        `${names.kind} is served`,
        async () => (await this.api.call({ path: served })).status === 200,
      );
    }
    // Without it no pod is let in.
    const account = `/api/v1/namespaces/${NAMESPACE}/serviceaccounts/default`;
    await this.until(
      'there is a service account',
      async () => (await this.api.call({ path: account })).status === 200,
    );
    this.#kubelet = this.#standIn();
  }

  async close(): Promise<void> {
    this.#ended.abort();
    await this.#kubelet;
  }

  /** What the API server says to a manifest: strict, and without keeping it. Null: it takes it. */
  async refusal(manifest: Manifest): Promise<string | null> {
    const { status, body } = await this.api.call({
      method: 'POST',
      path: `${pathOf(manifest)}?dryRun=All&fieldValidation=Strict`,
      body: { ...manifest, metadata: { ...manifest.metadata, namespace: NAMESPACE } },
    });
    return status === 201 ? null : `${status} ${messageOf(body)}`;
  }

  /**
   * The same for a pod by itself: of the template of a Deployment the pod security standard only warns. As another service
   * account, because the chart's own is not there in a dry run.
   */
  podRefusal({ of, labels, spec }: Pod): Promise<string | null> {
    const name = of.replace('/', '-').toLowerCase();
    const pod = { ...spec, serviceAccountName: 'default' };
    return this.refusal({ apiVersion: 'v1', kind: 'Pod', metadata: { name, labels }, spec: pod });
  }

  async list(kind: string, apiVersion: string): Promise<Listed[]> {
    const path = pathOf({ kind, apiVersion });
    return itemsOf(await this.api.call({ path }));
  }

  async until(what: string, holds: () => Promise<boolean>): Promise<void> {
    const limitMs = Date.now() + WAIT_AT_MOST_MS;
    while (!(await holds())) {
      if (Date.now() > limitMs) throw new Error(`${what}: not within ${WAIT_AT_MOST_MS / 1_000} s`);
      await delay(LOOK_EVERY_MS);
    }
  }

  async #create(path: string, body: object): Promise<void> {
    const answer = await this.api.call({ method: 'POST', path, body });
    if (answer.status !== 201) throw new Error(`${path}: ${answer.status} ${messageOf(answer.body)}`);
  }

  async #standIn(): Promise<void> {
    const { signal } = this.#ended;
    while (!signal.aborted) {
      try {
        for (const pod of await this.list('Pod', 'v1')) await this.#care(pod);
      } catch (error) {
        this.troubles.push(String(error));
      }
      await delay(LOOK_EVERY_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #care({ metadata, spec = {}, status = {} }: Listed): Promise<void> {
    const path = `/api/v1/namespaces/${NAMESPACE}/pods/${metadata.name}`;
    if (metadata.deletionTimestamp !== undefined) {
      await this.api.call({ method: 'DELETE', path: `${path}?gracePeriodSeconds=0` });
    } else if (spec['nodeName'] === undefined) {
      const target = { apiVersion: 'v1', kind: 'Node', name: NODE };
      await this.api.call({
        ...{ method: 'POST', path: `${path}/binding` },
        body: { apiVersion: 'v1', kind: 'Binding', metadata: { name: metadata.name }, target },
      });
    } else if (status['phase'] === 'Pending') {
      const ends = spec['restartPolicy'] === 'Never';
      if (ends) this.ended.push(commandOf(spec));
      const body = { status: ends ? succeeded(spec) : ready() };
      await this.api.call({ method: 'PATCH', path: `${path}/status`, body });
    }
  }
}

function commandOf({ containers }: Record<string, unknown>): string {
  return (containers as { args: string[] }[]).map(({ args }) => args.join(' ')).join();
}

function ready(): object {
  const at = new Date().toISOString();
  const conditions = ['Ready', 'ContainersReady'].map((type) => ({
    ...{ type, status: 'True', lastTransitionTime: at },
  }));
  return { phase: 'Running', startTime: at, conditions };
}

function succeeded({ containers }: Record<string, unknown>): object {
  const at = new Date().toISOString();
  const containerStatuses = (containers as { name: string; image: string }[]).map(({ name, image }) => ({
    ...{ name, image, imageID: image, ready: false, restartCount: 0 },
    state: { terminated: { exitCode: 0, reason: 'Completed', finishedAt: at, startedAt: at } },
  }));
  return { phase: 'Succeeded', startTime: at, containerStatuses };
}

function pathOf({ kind, apiVersion }: Pick<Manifest, 'kind' | 'apiVersion'>): string {
  const plural = PLURALS[kind];
  if (plural === undefined) throw new Error(`the test knows no ${kind}: add it`);
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return `${root}/namespaces/${NAMESPACE}/${plural}`;
}

function itemsOf({ status, body }: ApiAnswer): Listed[] {
  if (status !== 200) throw new Error(`${status} ${messageOf(body)}`);
  return body['items'] as Listed[];
}

function messageOf(body: Record<string, unknown>): string {
  return typeof body['message'] === 'string' ? body['message'] : JSON.stringify(body).slice(0, 300);
}
