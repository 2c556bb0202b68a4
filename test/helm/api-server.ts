/**
 * A real API server on the loopback interface, with its etcd and its controllers: those that make pods of Deployments and Jobs,
 * budgets, and what a namespace needs. There are no nodes.
 */
import { generateKeyPairSync, randomUUID } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { freePorts, isListening, LOOPBACK } from '../../src/dev/processes/ports.js';
import { retryOnPortConflict, Service } from '../../src/dev/processes/service.js';
import type { Supervisor } from '../../src/dev/processes/supervisor.js';
import type { Tools } from './tools.js';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;
const CONTROLLERS = [
  'deployment-controller',
  'replicaset-controller',
  'job-controller',
  'disruption-controller',
  'garbage-collector-controller',
  'namespace-controller',
  'serviceaccount-controller',
];

export interface ApiAnswer {
  status: number;
  /** Of an object, of a list, or of a refusal. */
  body: Record<string, unknown>;
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  body?: object;
}

export interface ApiServer {
  kubeconfig: string;
  call(call: Call): Promise<ApiAnswer>;
}

interface Start {
  supervisor: Supervisor;
  tools: Tools;
}

export async function startApiServer({ supervisor, tools }: Start): Promise<ApiServer> {
  const etcdUrl = await retryOnPortConflict(() => startEtcd({ supervisor, tools }));
  const folder = supervisor.directory;
  const token = randomUUID();
  const keyFile = join(folder, 'service-accounts.key');
  await writeFile(join(folder, 'tokens.csv'), `${token},admin,admin,system:masters\n`);
  await writeFile(keyFile, newKey());
  const url = await retryOnPortConflict(() => startServer({ supervisor, tools, etcdUrl, keyFile }));
  const ca = await readFile(join(folder, 'certificates', 'apiserver.crt'), 'utf8');
  const kubeconfig = join(folder, 'kubeconfig');
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf({ url, ca, token })));
  const call = (one: Call): Promise<ApiAnswer> => callApi({ url, ca, token }, one);
  await startControllers({ supervisor, tools, kubeconfig, keyFile });
  return { kubeconfig, call };
}

async function startEtcd({ supervisor, tools }: Start): Promise<string> {
  const [client = 0, peer = 0] = await freePorts(2);
  const [clientUrl, peerUrl] = [client, peer].map((port) => `http://${LOOPBACK}:${port}`);
  const args = [
    ...['--data-dir', join(supervisor.directory, 'etcd'), '--unsafe-no-fsync', '--log-level', 'error'],
    ...['--listen-client-urls', clientUrl!, '--advertise-client-urls', clientUrl!],
    ...['--listen-peer-urls', peerUrl!, '--initial-advertise-peer-urls', peerUrl!],
    ...['--initial-cluster', `default=${peerUrl!}`],
  ];
  await start({ supervisor, name: 'etcd', command: tools.etcd, args, port: client, stopLast: true });
  return clientUrl!;
}

async function startServer(options: Start & { etcdUrl: string; keyFile: string }): Promise<string> {
  const { supervisor, tools, etcdUrl, keyFile } = options;
  const [port = 0] = await freePorts(1);
  const folder = supervisor.directory;
  const args = [
    ...[`--etcd-servers=${etcdUrl}`, `--bind-address=${LOOPBACK}`, `--secure-port=${port}`],
    ...[`--cert-dir=${join(folder, 'certificates')}`, `--token-auth-file=${join(folder, 'tokens.csv')}`],
    ...['--authorization-mode=RBAC', '--service-cluster-ip-range=10.96.0.0/16'],
    ...['--endpoint-reconciler-type=none', `--advertise-address=${LOOPBACK}`],
    ...['--service-account-issuer=https://kubernetes.default.svc'],
    ...[`--service-account-key-file=${keyFile}`, `--service-account-signing-key-file=${keyFile}`],
  ];
  await start({ supervisor, name: 'the API server', command: tools.apiServer, args, port });
  return `https://${LOOPBACK}:${port}`;
}

async function startControllers(options: Start & { kubeconfig: string; keyFile: string }): Promise<void> {
  const { supervisor, tools, kubeconfig, keyFile } = options;
  const [port = 0] = await freePorts(1);
  const args = [
    ...[`--kubeconfig=${kubeconfig}`, `--authentication-kubeconfig=${kubeconfig}`],
    ...[`--authorization-kubeconfig=${kubeconfig}`, `--service-account-private-key-file=${keyFile}`],
    ...[`--controllers=${CONTROLLERS.join(',')}`, '--leader-elect=false'],
    ...[`--bind-address=${LOOPBACK}`, `--secure-port=${port}`],
    `--cert-dir=${join(supervisor.directory, 'controllers')}`,
  ];
  await start({ supervisor, name: 'the controllers', command: tools.controllerManager, args, port });
}

interface StartOne {
  supervisor: Supervisor;
  name: string;
  command: string;
  args: string[];
  port: number;
  stopLast?: boolean;
}

async function start({ supervisor, name, command, args, port, stopLast = false }: StartOne): Promise<void> {
  const logFile = join(supervisor.directory, `${name.replaceAll(' ', '-')}.log`);
  const spawn = { command, args, env: process.env, logFile, stopTimeoutMs: STOP_TIMEOUT_MS, stopLast };
  const isReady = (): Promise<boolean> => isListening(port);
  await new Service({ supervisor, name, spawn, isReady, startTimeoutMs: START_TIMEOUT_MS }).start();
}

function newKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
}

interface Access {
  url: string;
  ca: string;
  token: string;
}

/** JSON is YAML, too. */
function kubeconfigOf({ url, ca, token }: Access): object {
  const name = 'test';
  const cluster = { server: url, 'certificate-authority-data': Buffer.from(ca).toString('base64') };
  return {
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': name },
    clusters: [{ name, cluster }],
    users: [{ name, user: { token } }],
    contexts: [{ name, context: { cluster: name, user: name } }],
  };
}

function callApi({ url, ca, token }: Access, { method = 'GET', path, body }: Call): Promise<ApiAnswer> {
  const type = method === 'PATCH' ? 'application/merge-patch+json' : 'application/json';
  const headers = { authorization: `Bearer ${token}`, 'content-type': type };
  return new Promise((resolve, reject) => {
    const sent = request(new URL(path, url), { method, headers, ca }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(parts).toString('utf8');
        const isJson = answer.headers['content-type']?.startsWith('application/json') === true;
        const read = isJson ? (JSON.parse(text) as Record<string, unknown>) : { text };
        resolve({ status: answer.statusCode ?? 0, body: read });
      });
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
