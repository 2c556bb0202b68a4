/** Values that are wrong, and what the refusal must name. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { CHART, NAMESPACE, RELEASE, type Rendering } from './manifests.js';
import { SECRET } from './settings.js';

const execute = promisify(execFile);

/** As of `--set`, and what must be in the message. */
const WRONG: readonly (readonly [string, string])[] = [
  ['worker.replicas=-1', '/worker/replicas'],
  ['worker.replica=3', "additional properties 'replica'"],
  ['logLevel=loud', '/logLevel'],
  ['temporal.address=', 'temporal.address: needed'],
  ['temporal.address=temporal', '/temporal/address'],
  ['temporal.tls.secretName=client', 'temporal.tls.enabled: true'],
  ['temporal.tls.certKey=tls.crt', 'certKey and keyKey'],
  ['amqp.url=', 'amqp.url: needed'],
  [`amqp.url=amqp://vnf-migrator:${SECRET}@rabbitmq`, 'amqp.url: it has a password'],
  [`amqp.url=amqp://a@mq-1\\,amqp://b:${SECRET}@mq-2`, 'amqp.url: it has a password'],
  ['amqp.url=amqp://rabbitmq', 'amqp.url: expected the user'],
  ['amqp.tls.secretName=ca,amqp.tls.caKey=ca.crt', 'amqp.tls: without TLS'],
  [`repository.url=http://reader:${SECRET}@tng-rep:4012`, 'repository.url: it has credentials'],
  [`gatekeeper.url=http://${SECRET}@tng-gtk-sp:5000`, 'gatekeeper.url: it has credentials'],
  ['repository.urlSecret.name=repository', 'repository: expected url or urlSecret'],
  ['repository.url=,repository.urlSecret.name=repository', 'networkPolicy.egress.repository.ports: needed'],
  ['gatekeeper.callback.enabled=true', 'gatekeeper.url: needed'],
  ['worker.builds[0].id=Feature/1', '/worker/builds/0/id'],
  ['worker.builds[0].id=1.0,worker.builds[1].id=1-0', 'worker.builds: the build 1-0'],
  ['worker.builds[0].id=0.1.0,worker.currentBuild=0.2.0', 'worker.currentBuild: expected a build'],
  ['worker.resources.limits=null', '/worker/resources'],
  ['console.enabled=true', 'console: expected a login'],
  ['console.ingress.enabled=true,console.ingress.host=c.example', 'console.enabled: true'],
  ['autoscaling.minReplicas=0', '/autoscaling/minReplicas'],
  ['autoscaling.enabled=true,autoscaling.minReplicas=9', 'autoscaling: expected a maxReplicas'],
  ['autoscaling.enabled=true,temporal.tls.enabled=true', 'KEDA uses TLS with a client certificate'],
  ['pod.runAsUser=0', '/pod/runAsUser'],
  ['networkPolicy.egress.dns.ports[0]=dns', '/networkPolicy/egress/dns/ports/0'],
];

export const REFUSALS = WRONG.length;

/** What was taken; what was refused without naming it; what repeats a secret. */
export async function refusalFindings({ helm, version, values }: Omit<Rendering, 'set'>): Promise<string[]> {
  const files = values.flatMap((file) => ['--values', file]);
  const findings: string[] = [];
  for (const [set, named] of WRONG) {
    const args = [
      'template',
      RELEASE,
      CHART,
      '--namespace',
      NAMESPACE,
      '--kube-version',
      version,
      ...files,
      '--set',
      set,
    ];
    const message = await execute(helm, args).then(
      () => null,
      (error: unknown) => String((error as { stderr?: string }).stderr),
    );
    if (message === null) findings.push(`${set}: it is not refused`);
    else if (!message.includes(named))
      findings.push(`${set}: expected a message with "${named}": ${message.trim()}`);
    else if (message.includes(SECRET)) findings.push(`${set}: the message repeats a secret`);
  }
  return findings;
}
