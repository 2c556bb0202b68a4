/** The JSON Schemas agree with the checks of the workflows. */
import { describe, expect, it } from 'vitest';
import { CONTRACT_NAMES, jsonSchemaOf } from '../../../src/contract/json-schema.js';
import { FAILURE_TYPES } from '../../../src/shared/migration/failures.js';
import { POLICY_NAMES } from '../../../src/shared/migration/contract.js';

interface ObjectSchema {
  title: string;
  required?: string[];
  additionalProperties?: unknown;
  properties: Record<string, ObjectSchema & { enum?: string[]; pattern?: string; default?: unknown }>;
}

const schemaOf = (name: (typeof CONTRACT_NAMES)[number]) => jsonSchemaOf(name) as ObjectSchema;

describe('the JSON Schema', () => {
  it.each(CONTRACT_NAMES)('of %s is one', (name) => {
    expect(jsonSchemaOf(name)).toMatchObject({
      title: name,
      $schema: 'https://json-schema.org/draft/2020-12/schema',
    });
  });

  it('of an input takes no unknown fields, and every part of a policy', () => {
    const { required, additionalProperties, properties } = schemaOf('migrate-vnf.input');
    expect(required).toEqual(['serviceInstanceUuid', 'vnfUuid', 'vimUuid']);
    expect(additionalProperties).toBe(false);
    expect(Object.keys(properties['policy']!.properties)).toEqual(POLICY_NAMES);
  });

  it('of an id takes what the workflow takes', () => {
    const pattern = new RegExp(schemaOf('migrate-vnf.input').properties['vnfUuid']!.pattern!);
    expect('11000B22-4625-548a-b27c-3d42ea669e6c').toMatch(pattern);
    expect('11000b22-4625-548a-b27c-3d42ea669e6c\n').not.toMatch(pattern);
  });

  it('of what we give may grow', () => {
    expect(schemaOf('migrate-vnf.result')).not.toHaveProperty('additionalProperties');
    expect(schemaOf('migration-campaign.result')).not.toHaveProperty('additionalProperties');
    expect(schemaOf('migrate-vnf.failure').properties['type']!.enum).toEqual([...FAILURE_TYPES]);
  });
});
