/** The input form of the world: a file for `--world`, or generated from a seed. */
import { z } from 'zod';
import { strictObject } from './input-problems.js';
import { uuidFrom } from './random.js';
import { VNF_KINDS } from './records.js';
import { VIM_TYPES } from '../shared/vim/vim.js';

const vnfSpecSchema = strictObject({
  vnfUuid: z.string().min(1),
  name: z.string().min(1).default('fw-vnf'),
  kind: z.enum(VNF_KINDS).default('vm'),
  /** The VIM of each unit. The SLM reads only the first one. */
  vimUuids: z.array(z.string().nullable()).min(1),
  status: z.enum(['normal operation', 'terminated']).default('normal operation'),
  /** What each of its units needs. */
  unit: strictObject({ cores: z.int().min(1), memoryMb: z.int().min(1) }).optional(),
});

const usageSchema = strictObject({
  /** By others than our VNFs. */
  used: z.int().min(0).default(0),
  total: z.int().min(0),
});

/** What the adaptor lists of a VIM. What is left out here is left out there. */
const vimFactsSchema = strictObject({
  vimUuid: z.string().min(1),
  /** Several VIMs may bear one name. */
  name: z.string().optional(),
  city: z.string().optional(),
  type: z.enum(VIM_TYPES).optional(),
  cores: usageSchema.optional(),
  memoryMb: usageSchema.optional(),
});
export type VimFacts = z.output<typeof vimFactsSchema>;

export const worldSpecSchema = strictObject({
  /** Every VIM, including those without VNFs. */
  vims: z.array(z.string().min(1)).default([]),
  /** Names, types and sizes of VIMs. */
  vimFacts: z.array(vimFactsSchema).default([]),
  services: z
    .array(strictObject({ serviceInstanceUuid: z.string().min(1), vnfs: z.array(vnfSpecSchema).min(1) }))
    .default([]),
  /** VNFs with a record that no service lists. */
  orphans: z.array(vnfSpecSchema).default([]),
}).superRefine((spec, context) => {
  const problem = (message: string): void => {
    context.addIssue({ code: 'custom', message });
  };
  duplicates(spec.services.map((service) => service.serviceInstanceUuid)).forEach((uuid) => {
    problem(`the service ${uuid} is there twice`);
  });
  const vnfs = [...spec.services.flatMap((service) => service.vnfs), ...spec.orphans];
  duplicates(vnfs.map((vnf) => vnf.vnfUuid)).forEach((uuid) => {
    problem(`the VNF ${uuid} is there twice`);
  });
});

export type WorldSpec = z.infer<typeof worldSpecSchema>;
/** The input form, where defaults may be left out. */
export type WorldSpecInput = z.input<typeof worldSpecSchema>;

function duplicates(names: readonly string[]): Set<string> {
  const seen = new Set<string>();
  return new Set(names.filter((name) => seen.size === seen.add(name).size));
}

export interface GeneratedWorld {
  services: number;
  seed: string;
  /** The number of VIMs. Everything starts on the first one. */
  vims?: number;
}

const CITIES = ['Athens', 'Aveiro', 'Tel Aviv'];

/** A VIM for virtual machines, with ample room. */
function generatedVim(vimUuid: string, index: number): VimFacts {
  const city = CITIES[index % CITIES.length] ?? '';
  const name = `${city.toLowerCase().replace(' ', '-')}-${String(index + 1)}`;
  return {
    vimUuid,
    name,
    city,
    type: 'vm',
    cores: { used: 0, total: 100_000 },
    memoryMb: { used: 0, total: 200_000_000 },
  };
}

/** Services like those of the recorded runs: a firewall and a deep packet inspection, all on the first VIM. */
export function generateWorld({ services, seed, vims: vimCount = 3 }: GeneratedWorld): WorldSpec {
  const vims = Array.from({ length: vimCount }, (_, index) => uuidFrom(`${seed}/vim/${index}`));
  const vimUuids = vims.slice(0, 1);
  return worldSpecSchema.parse({
    vims,
    vimFacts: vims.map(generatedVim),
    services: Array.from({ length: services }, (_, index) => ({
      serviceInstanceUuid: uuidFrom(`${seed}/service/${index}`),
      vnfs: ['fw-vnf', 'dpi-vnf'].map((name) => ({
        vnfUuid: uuidFrom(`${seed}/service/${index}/${name}`),
        name,
        vimUuids,
      })),
    })),
  });
}
