// Creates the map of the rooms in docs/architecture.md from scripts/rooms.json. A test compares the two. `node
// scripts/rooms.mjs` prints the table.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const rooms = JSON.parse(readFileSync(new URL('rooms.json', import.meta.url), 'utf8'));

/** Without padding, because prettier aligns the columns. */
export function roomsTable() {
  const rows = rooms.map(({ room, holds }) => `| \`${room}\` | ${holds} |`);
  return ['| room | what is in it |', '| --- | --- |', ...rows].join('\n');
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(roomsTable());
