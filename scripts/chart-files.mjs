// Copies the alert rules and dashboards of deploy/observability into the chart, because Helm reads no file outside of its
// chart. A test compares both.
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'deploy/observability');
const target = join(root, 'deploy/helm/files');
const dashboards = join(source, 'dashboards');

rmSync(target, { recursive: true, force: true });
mkdirSync(join(target, 'dashboards'), { recursive: true });
cpSync(join(source, 'alerts.yaml'), join(target, 'alerts.yaml'));
const names = existsSync(dashboards) ? readdirSync(dashboards).filter((name) => name.endsWith('.json')) : [];
for (const name of names) cpSync(join(dashboards, name), join(target, 'dashboards', name));
console.log(`copied alerts.yaml and ${names.length} dashboards`);
