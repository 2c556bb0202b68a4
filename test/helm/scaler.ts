/** What KEDA's custom resource lets through: the fields of a trigger. The source of the scaler has their names. */
import { readFile } from 'node:fs/promises';
import type { Manifest } from './manifests.js';

interface Trigger {
  type: string;
  metadata: Record<string, string>;
}

export async function scalerFindings(manifests: readonly Manifest[], source: string): Promise<string[]> {
  const text = await readFile(source, 'utf8');
  const fields = [...text.matchAll(/keda:"name=(\w+),\s*order=(\w+)[^"]*?(, deprecated=[^"]*)?"/g)];
  const known = fields.flatMap(([, name = '', order, deprecated]) =>
    order === 'triggerMetadata' && deprecated === undefined ? [name] : [],
  );
  const parameters = fields.flatMap(([, name = '', order]) => (order === 'authParams' ? [name] : []));
  if (known.length === 0 || parameters.length === 0) return ['the source of the scaler names no fields'];
  return manifests.flatMap(({ kind, metadata, spec }) => {
    const triggers = (spec?.['triggers'] ?? []) as Trigger[];
    const secrets = (spec?.['secretTargetRef'] ?? []) as { parameter: string }[];
    const strange = [
      ...triggers.flatMap((trigger) => Object.keys(trigger.metadata).filter((name) => !known.includes(name))),
      ...secrets.map(({ parameter }) => parameter).filter((name) => !parameters.includes(name)),
    ];
    return strange.map((name) => `${kind}/${metadata.name}: the scaler knows no ${name}`);
  });
}
