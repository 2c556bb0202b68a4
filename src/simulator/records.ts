/**
 * The records of the MANO's repository, in the format of the recorded runs.
 *
 * Invariants: records are plain JSON. A record never changes in place: each change creates a new record. The VIM of
 * a VNF is stored in each of its units and each of its links, and nowhere else.
 */
import { needsOfVnfr } from '../shared/vim/demand.js';
import { uuidFrom } from './random.js';

/** Null is possible, because the SLM accepts `vim_uuid: null` as a VIM like any other. */
export type VimUuid = string | null;

export const VNF_KINDS = ['vm', 'cloudnative'] as const;
export type VnfKind = (typeof VNF_KINDS)[number];

export type RecordStatus = 'normal operation' | 'terminated';

interface Link {
  connection_points_reference: string[];
  connectivity_type: string;
  descriptor_reference: string;
  id: string;
}

export interface VirtualDeploymentUnit {
  id: string;
  vdu_reference: string;
  vnfc_instance: { id: string; vc_id: string; vim_id: VimUuid; connection_points: unknown[] }[];
  [key: string]: unknown;
}

export interface CloudnativeDeploymentUnit {
  id: string;
  cdu_reference: string;
  vim_id: VimUuid;
  [key: string]: unknown;
}

export interface Vnfr {
  descriptor_reference: string;
  descriptor_version: string;
  id: string;
  name: string;
  status: RecordStatus;
  version: string;
  virtual_deployment_units?: VirtualDeploymentUnit[];
  cloudnative_deployment_units?: CloudnativeDeploymentUnit[];
  virtual_links: (Link & { vim_id: VimUuid })[];
}

export interface Nsr {
  descriptor_reference: string;
  descriptor_version: string;
  id: string;
  network_functions: { vnfr_id: string }[];
  policy_id: string;
  sla_id: string;
  status: string;
  version: string;
  virtual_links: (Link & { vim_id: VimUuid[] })[];
}

/** The properties of a VNF from which its record is built. */
export interface VnfFacts {
  vnfUuid: string;
  name: string;
  kind: VnfKind;
  /** The VIM of each unit, first unit first. */
  vimUuids: VimUuid[];
  /** What each unit needs. Default: `UNIT_NEEDS`. */
  unit?: UnitNeeds | undefined;
}

export interface UnitNeeds {
  cores: number;
  memoryMb: number;
}

/** Those of the recorded runs. */
export const UNIT_NEEDS: Readonly<UnitNeeds> = { cores: 1, memoryMb: 2_048 };
const MB_IN_GB = 1_024;

const POINTS = ['mgmt', 'in', 'out'] as const;
type Point = (typeof POINTS)[number];

/**
 * The chain of the recorded runs: input → fw-vnf → dpi-vnf → output. Other VNFs have networks with names of their
 * own.
 */
const NETWORKS: Record<string, Record<Point, string>> = {
  'fw-vnf': { mgmt: 'mgmt', in: 'input-fw', out: 'fw-dpi' },
  'dpi-vnf': { mgmt: 'mgmt', in: 'fw-dpi', out: 'dpi-output' },
};

function networkOf(vnfName: string, point: Point): string {
  return NETWORKS[vnfName]?.[point] ?? (point === 'mgmt' ? 'mgmt' : `${vnfName}-${point}`);
}

function virtualUnit(vnf: VnfFacts, unit: { index: number; reference: string }): VirtualDeploymentUnit {
  const id = `vdu${String(unit.index + 1).padStart(2, '0')}`;
  const { cores, memoryMb } = vnf.unit ?? UNIT_NEEDS;
  return {
    id,
    number_of_instances: 1,
    resource_requirements: {
      cpu: { vcpus: cores },
      memory:
        memoryMb % MB_IN_GB === 0
          ? { size: memoryMb / MB_IN_GB, size_unit: 'GB' }
          : { size: memoryMb, size_unit: 'MB' },
      storage: { size: 10, size_unit: 'GB' },
    },
    vdu_reference: `${vnf.name}:${id}${unit.reference}`,
    vm_image: `http://images.lab.example/${vnf.name.replace(/-vnf$/, '')}.qcow2`,
    vnfc_instance: [
      {
        connection_points: POINTS.map((point, index) => ({
          id: point,
          interface: { address: `10.0.0.${10 + index}`, hardware_address: `fa:16:3e:00:00:0${index}` },
          type: 'internal',
        })),
        id: '0',
        vc_id: uuidFrom(`unit/${vnf.vnfUuid}/${id}`),
        vim_id: vnf.vimUuids[unit.index] ?? null,
      },
    ],
  };
}

function cloudnativeUnit(vnf: VnfFacts, index: number): CloudnativeDeploymentUnit {
  const id = `cdu${String(index + 1).padStart(2, '0')}`;
  return {
    id,
    image: `images.lab.example/${vnf.name}`,
    number_of_instances: 1,
    cdu_reference: `${vnf.name}:${id}-${vnf.vnfUuid}`,
    vim_id: vnf.vimUuids[index] ?? null,
  };
}

/**
 * A VNFR as the function lifecycle manager stores it. `isMoved`: a migration created it, so its unit has the name
 * of the VNF.
 */
export function buildVnfr(vnf: VnfFacts, context: { serviceInstanceUuid: string; isMoved: boolean }): Vnfr {
  const reference = context.isMoved ? `-${vnf.vnfUuid}` : '';
  const units =
    vnf.kind === 'vm'
      ? { virtual_deployment_units: vnf.vimUuids.map((_, index) => virtualUnit(vnf, { index, reference })) }
      : { cloudnative_deployment_units: vnf.vimUuids.map((_, index) => cloudnativeUnit(vnf, index)) };
  return {
    descriptor_reference: uuidFrom(`vnfd/${vnf.name}`),
    descriptor_version: 'vnfr-schema-01',
    id: vnf.vnfUuid,
    name: vnf.name,
    status: 'normal operation',
    version: '1',
    ...units,
    virtual_links: POINTS.map((point) => ({
      connection_points_reference: [`vdu01:${point}`, point],
      connectivity_type: 'E-LAN',
      descriptor_reference: point,
      id: `${context.serviceInstanceUuid}_ns_${networkOf(vnf.name, point)}`,
      vim_id: vnf.vimUuids[0] ?? null,
    })),
  };
}

const NS_LINKS = [
  { name: 'mgmt', type: 'E-LAN', points: ['vnf_fw:mgmt', 'vnf_dpi:mgmt', 'mgmt'] },
  { name: 'input-fw', type: 'E-Line', points: ['input', 'vnf_fw:in'] },
  { name: 'fw-dpi', type: 'E-Line', points: ['vnf_fw:out', 'vnf_dpi:in'] },
  { name: 'dpi-output', type: 'E-Line', points: ['vnf_dpi:out', 'output'] },
];

export function buildNsr(serviceInstanceUuid: string, vnfrs: readonly Vnfr[]): Nsr {
  const vimUuids = [...new Set(vnfrs.map(firstUnitVim))];
  return {
    descriptor_reference: uuidFrom('nsd/fw-dpi'),
    descriptor_version: 'nsr-schema-01',
    id: serviceInstanceUuid,
    network_functions: vnfrs.map((vnfr) => ({ vnfr_id: vnfr.id })),
    policy_id: '',
    sla_id: '',
    status: 'normal operation',
    version: '1',
    virtual_links: NS_LINKS.map((link) => ({
      connection_points_reference: link.points,
      connectivity_type: link.type,
      descriptor_reference: link.name,
      id: `${serviceInstanceUuid}_ns_${link.name}`,
      vim_id: vimUuids,
    })),
  };
}

/** The VIM of every unit, first unit first. */
export function unitVims(vnfr: Vnfr): VimUuid[] {
  return [
    ...(vnfr.virtual_deployment_units ?? []).map((unit) => unit.vnfc_instance[0]?.vim_id ?? null),
    ...(vnfr.cloudnative_deployment_units ?? []).map((unit) => unit.vim_id),
  ];
}

/** What one unit needs; null where the record states nothing. */
export function unitNeedsOf(vnfr: Vnfr): UnitNeeds | null {
  const [unit] = vnfr.virtual_deployment_units ?? [];
  if (unit === undefined) return null;
  const { cores, memoryMb } = needsOfVnfr({ virtual_deployment_units: [unit] }).demand;
  return { cores, memoryMb };
}

/** Where the SLM believes a VNF to be: it looks at the first unit only. */
export function firstUnitVim(vnfr: Vnfr): VimUuid {
  return unitVims(vnfr)[0] ?? null;
}

export function kindOf(vnfr: Vnfr): VnfKind {
  return vnfr.cloudnative_deployment_units === undefined ? 'vm' : 'cloudnative';
}
