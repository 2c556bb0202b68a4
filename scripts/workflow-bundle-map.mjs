// The source map of a workflow bundle, which the bundler writes into it. A worker needs it for the stack traces of
// workflows. The bundler's map names the folder of the build machine, and holds the sources of every package. This one
// names files relative to the project, and holds our own sources only: a third of the bundle's size is saved.
import { Buffer } from 'node:buffer';

const MARK = 'sourceMappingURL=data:application/json;charset=utf-8;base64,';

/** The code with the smaller map, and the files it was made of, absolute, those of webpack's own runtime aside. */
export function withPortableMap(code, root) {
  const start = code.lastIndexOf(MARK);
  if (start === -1) throw new Error('the workflow bundle has no source map of the expected form');
  const encoded = code.slice(start + MARK.length).trim();
  const map = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'));
  const isOurs = (index) => !map.sources[index].includes('node_modules/');
  const sourcesContent = map.sourcesContent.map((content, index) => (isOurs(index) ? content : null));
  // Sources that webpack generates name the folder, too.
  const portable = JSON.stringify({ ...map, sourcesContent }).replaceAll(root, '');
  const again = Buffer.from(portable).toString('base64');
  return {
    code: `${code.slice(0, start)}${MARK}${again}\n`,
    files: map.sources.filter((source) => source.startsWith('/')),
  };
}
