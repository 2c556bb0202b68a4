/** docs/architecture.md shows the map of scripts/rooms.json, and every folder of src/ is a room in it. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT, tableUnder } from '../../support/markdown.js';

interface Room {
  room: string;
  holds: string;
  imports: string[];
}

const ROOMS = JSON.parse(readFileSync(join(ROOT, 'scripts/rooms.json'), 'utf8')) as Room[];

describe('the rooms', () => {
  it('stand in docs/architecture.md as scripts/rooms.json has them (`node scripts/rooms.mjs` prints the table)', () => {
    const expected = ROOMS.map(({ room, holds }) => [`\`${room}\``, holds]);
    // A row begins and ends with a bar.
    const shown = tableUnder('docs/architecture.md', '## Rooms').map((cells) => cells.slice(0, 2));
    expect(shown).toEqual(expected);
  });

  it('are the folders of src/', () => {
    const folders = readdirSync(join(ROOT, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && /\.tsx?$/.test(entry.name))
      .map(({ parentPath }) => `src${parentPath.slice(join(ROOT, 'src').length)}/`)
      .filter((folder) => folder !== 'src/');
    const named = ROOMS.map(({ room }) => room).filter((room) => room.endsWith('/'));
    expect([...new Set(folders)].sort()).toEqual([...named].sort());
  });

  it('import only rooms', () => {
    const known = new Set(ROOMS.map(({ room }) => room));
    const isKnown = (path: string): boolean => path === 'src/' || !path.endsWith('/') || known.has(path);
    expect(ROOMS.flatMap(({ imports }) => imports).filter((path) => !isKnown(path))).toEqual([]);
  });
});
