/**
 * What a VNF needs of a VIM, read from its record (VNFR).
 *
 * Invariant: total, whatever shape the record has; a need that the record does not state, or states in a unit that is
 * not known, counts as nothing, and `isStated` says whether any was stated.
 */
import { isRecord } from '../mano/records.js';
import { VIM_TYPES, type VimType } from './vim.js';

export interface Demand {
  cores: number;
  memoryMb: number;
}

export interface VnfNeeds {
  demand: Demand;
  /** False: the record states no resources, and the demand counts as nothing. */
  isStated: boolean;
  /** The types of VIM that its units need, each once. */
  vimTypes: VimType[];
}

/** Sizes in MB. The MANO's records use decimal and binary units for the same thing. */
const MEMORY_UNIT_MB: ReadonlyMap<string, number> = new Map([
  ['b', 1 / 1_048_576],
  ['kb', 1 / 1_024],
  ['kib', 1 / 1_024],
  ['mb', 1],
  ['mib', 1],
  ['gb', 1_024],
  ['gib', 1_024],
  ['tb', 1_048_576],
  ['tib', 1_048_576],
]);

/** Sums the units of a VNFR: `virtual_deployment_units[].resource_requirements`, once for each instance. */
export function needsOfVnfr(record: unknown): VnfNeeds {
  const machines = itemsOf(record, 'virtual_deployment_units');
  const containers = itemsOf(record, 'cloudnative_deployment_units');
  const demands = [...machines, ...containers].flatMap((unit) => {
    const demand = demandOfUnit(unit);
    return demand === null ? [] : [demand];
  });
  return {
    demand: {
      cores: demands.reduce((sum, { cores }) => sum + cores, 0),
      memoryMb: demands.reduce((sum, { memoryMb }) => sum + memoryMb, 0),
    },
    isStated: demands.length > 0,
    vimTypes: [
      ...(machines.length > 0 ? (['vm'] as const) : []),
      ...(containers.length > 0 ? (['container'] as const) : []),
    ],
  };
}

/** Null: the unit states neither cores nor memory. */
function demandOfUnit(unit: unknown): Demand | null {
  const requirements = fieldOf(unit, 'resource_requirements');
  const cores = positive(fieldOf(fieldOf(requirements, 'cpu'), 'vcpus'));
  const memoryMb = memoryMbOf(fieldOf(requirements, 'memory'));
  if (cores === null && memoryMb === null) return null;
  const instances = Math.max(1, itemsOf(unit, 'vnfc_instance').length);
  return { cores: (cores ?? 0) * instances, memoryMb: Math.ceil((memoryMb ?? 0) * instances) };
}

function memoryMbOf(memory: unknown): number | null {
  const size = positive(fieldOf(memory, 'size'));
  const unit = fieldOf(memory, 'size_unit') ?? 'MB';
  const factor = typeof unit === 'string' ? MEMORY_UNIT_MB.get(unit.trim().toLowerCase()) : undefined;
  return size === null || factor === undefined ? null : size * factor;
}

function positive(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : null;
}

function itemsOf(value: unknown, key: string): readonly unknown[] {
  const items = fieldOf(value, key);
  return Array.isArray(items) ? items : [];
}

function fieldOf(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

/** Compact, and the same for the same needs: `2/4096/vm`; `//vm` where no resources are stated. */
export function needsText({ demand, isStated, vimTypes }: VnfNeeds): string {
  const { cores, memoryMb } = demand;
  return [...(isStated ? [cores, memoryMb] : ['', '']), vimTypes.join('+')].join('/');
}

/** The reverse of `needsText`. */
export function needsFromText(text: string): VnfNeeds {
  const [cores = '', memoryMb = '', types = ''] = text.split('/');
  return {
    demand: { cores: Number(cores), memoryMb: Number(memoryMb) },
    isStated: cores !== '',
    vimTypes: VIM_TYPES.filter((type) => types.split('+').includes(type)),
  };
}

/** For people: what a VNF needs. */
export function needsLabel({ demand, isStated, vimTypes }: VnfNeeds): string {
  const size = isStated
    ? `${String(demand.cores)} cores and ${String(demand.memoryMb)} MB`
    : 'no stated size';
  return vimTypes.length === 0 ? size : `${size}, type ${vimTypes.join(' and ')}`;
}
