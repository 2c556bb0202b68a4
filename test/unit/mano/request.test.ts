import { load } from 'js-yaml';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeMigrationRequest, encodePing, encodeProbe } from '../../../src/mano/request.js';
import { PYYAML_SCHEMA } from '../../../src/mano/yaml-schema.js';

const SERVICE = '003c7e1f-48a4-59b5-91c2-0f29c04272e5';
const VNF = '11000b22-4625-548a-b27c-3d42ea669e6c';
const VIM = 'eb0084b5-6e89-5218-95c3-75368dfd02b5';
const IDS = { serviceInstanceUuid: SERVICE, vnfUuid: VNF, vimUuid: VIM };

/** What is no UUID, although it may look like one or carry one. */
const NO_UUIDS = [
  '',
  'x',
  `${VNF} `,
  ` ${VNF}`,
  `${VNF}\n`,
  `${VNF}\nvim_uuid: ${VIM}`,
  `${VNF}", vim_uuid: "${VIM}`,
  `${VNF}/../../vnfrs`,
  `${VNF}?x=1`,
  `${VNF}#`,
  `{${VNF}}`,
  VNF.replaceAll('-', ''),
  VNF.slice(0, -1),
  `${VNF}0`,
  VNF.replace('1', 'g'),
  VNF.replace('1', '١'),
  '*a',
  '!!python/object/apply:os.system [id]',
  '~',
];

describe('a migration request (P8)', () => {
  it('is a mapping of three double-quoted scalars, in this order', () => {
    expect(encodeMigrationRequest(IDS).toString()).toBe(
      `service_instance_uuid: "${SERVICE}"\nvnf_uuid: "${VNF}"\nvim_uuid: "${VIM}"\n`,
    );
  });

  it('is read back as strings, whatever numbers the ids resemble', () => {
    fc.assert(
      fc.property(fc.uuid(), (uuid) => {
        const request = encodeMigrationRequest({ ...IDS, vnfUuid: uuid }).toString();
        const content = { service_instance_uuid: SERVICE, vnf_uuid: uuid, vim_uuid: VIM };
        expect(load(request, { schema: PYYAML_SCHEMA })).toEqual(content);
      }),
    );
  });

  const fields = ['serviceInstanceUuid', 'vnfUuid', 'vimUuid'] as const;
  it.each(fields.flatMap((field) => NO_UUIDS.map((value) => [field, value] as const)))(
    'refuses %s %j by its name',
    (field, value) => {
      const encode = (): Buffer => encodeMigrationRequest({ ...IDS, [field]: value });
      expect(encode).toThrow(TypeError);
      expect(encode).toThrow(field);
    },
  );

  it.each([[undefined], [null], [1], [[VNF]], [{ toString: () => VNF }]])(
    'refuses %j, which is no text',
    (value) => {
      expect(() => encodeMigrationRequest({ ...IDS, vnfUuid: value as never })).toThrow('vnfUuid');
    },
  );
});

describe('a probe and a ping', () => {
  it('ask with the service alone', () => {
    expect(encodeProbe(SERVICE).toString()).toBe(`service_instance_uuid: "${SERVICE}"\n`);
  });

  it('refuse what is no UUID', () => {
    expect(() => encodeProbe(`${SERVICE}\nvim_uuid: x`)).toThrow('serviceInstanceUuid');
  });

  it('ask with nothing at all', () => {
    expect(load(encodePing().toString())).toEqual({});
  });
});
