// Import rules: no circles, and the edges of docs/architecture.md. scripts/rooms.json says which room may import what.
import { readFileSync } from 'node:fs';

/** @typedef {{ room: string, holds: string, imports: string[], typesOf?: string[], packages: string[] }} Room */

/** @type {Room[]} */
const rooms = JSON.parse(readFileSync(new URL('scripts/rooms.json', import.meta.url), 'utf8'));

const escaped = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
const anyOf = (paths) => `^(?:${paths.map(escaped).join('|')})`;

/** The files of a room, without those of the rooms within it. */
function filesOf({ room }) {
  return room.endsWith('/') ? `^${escaped(room)}[^/]+$` : `^${escaped(room)}$`;
}

/** A package by its name; `@scope/*` is every package of the scope. */
function inPackage(name) {
  return `^node_modules/${name.endsWith('/*') ? escaped(name.slice(0, -1)) : `${escaped(name)}/`}`;
}

function importsOf(room) {
  const { imports, typesOf = [] } = room;
  const inside = [room.room, ...imports];
  const name = room.room.replace(/\/$/, '');
  return [
    {
      name: `${name}: rooms`,
      comment: `scripts/rooms.json names the rooms that ${room.room} may import.`,
      severity: 'error',
      from: { path: filesOf(room) },
      to: { path: '^src/', pathNot: anyOf([...inside, ...typesOf]) },
    },
    ...(typesOf.length === 0
      ? []
      : [
          {
            name: `${name}: types only`,
            comment: `${room.room} may import only types of ${typesOf.join(', ')}`,
            severity: 'error',
            from: { path: filesOf(room) },
            to: { path: anyOf(typesOf), pathNot: anyOf(inside), dependencyTypesNot: ['type-only'] },
          },
        ]),
  ];
}

function packagesOf(room) {
  const name = room.room.replace(/\/$/, '');
  const npm = room.packages.filter((each) => each !== 'node').map(inPackage);
  return [
    {
      name: `${name}: packages`,
      comment: `scripts/rooms.json names the packages that ${room.room} may import.`,
      severity: 'error',
      from: { path: filesOf(room) },
      to: { path: '^node_modules/', ...(npm.length === 0 ? {} : { pathNot: npm.join('|') }) },
    },
    ...(room.packages.includes('node')
      ? []
      : [
          {
            name: `${name}: no Node`,
            comment: `${room.room} may not import modules of Node.`,
            severity: 'error',
            from: { path: filesOf(room) },
            to: { dependencyTypes: ['core'] },
          },
        ]),
  ];
}

/** What is bundled with the workflows, or imported by workflows of others, although its room is not of the sandbox. */
const SANDBOXED = '^src/(?:codec/(?:failure-converter|unreadable-payload)|nexus/service)\\.ts$';

export default {
  forbidden: [
    {
      name: 'no circles',
      comment: 'Modules that import each other, also by types alone, cannot be read apart.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no unresolved import',
      comment: 'The module does not exist, or package.json does not name it.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no room without an entry',
      comment: 'scripts/rooms.json names every folder of src/.',
      severity: 'error',
      from: {},
      to: { path: '^src/', pathNot: rooms.map(filesOf).join('|') },
    },
    {
      name: 'sandboxed: packages',
      comment: 'The file runs in the workflow sandbox.',
      severity: 'error',
      from: { path: SANDBOXED },
      to: { path: '^node_modules/', pathNot: '^node_modules/(?:@temporalio/common|nexus-rpc|zod)/' },
    },
    {
      name: 'sandboxed: rooms',
      comment: 'The file runs in the workflow sandbox.',
      severity: 'error',
      from: { path: SANDBOXED },
      to: { path: '^src/', pathNot: `${SANDBOXED}|^src/shared/` },
    },
    {
      name: 'sandboxed: no Node',
      comment: 'The file runs in the workflow sandbox.',
      severity: 'error',
      from: { path: SANDBOXED },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'codec: keys are handed to it',
      comment: 'Only index.ts reads settings; whoever connects hands the codec its keys.',
      severity: 'error',
      from: { path: '^src/codec/', pathNot: '^src/codec/index\\.ts$' },
      to: { path: '^src/settings/' },
    },
    {
      name: 'src: nothing of tests',
      comment: 'What is shipped does not import tests, benches or examples.',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^(?:test|bench|examples|scripts)/' },
    },
    ...rooms.flatMap((room) => [...importsOf(room), ...packagesOf(room)]),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    // Also what the compiler erases: a circle of types alone is one for the reader.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
