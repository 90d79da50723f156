// Makes one file of each process that is started often: Node opens, resolves and links hundreds of small modules one by one, and an api
// took twice as long to be ready (docs/decisions/0040).
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = fileURLToPath(new URL('..', import.meta.url));
const processes = ['api/main', 'workers/main', 'cli/main'];
// Of many small modules, too. All other packages stay what they are: some are patched for traces, some must be there once.
const joined = /^kysely($|\/)/;
// Patches packages before anybody imports them: it has to come first, which a module of its own does.
const apart = /\/tracing\.ts$/;

for (const name of processes) {
  const output = join(root, 'dist', `${name}.js`);
  const build = await rolldown({
    input: join(root, 'src', `${name}.ts`),
    platform: 'node',
    external: (id) => (isPackage(id) ? !joined.test(id) : false),
    plugins: [keepTracingApart(), keepPlaces(dirname(output))],
    onLog: (level, log) => {
      if (level === 'warn') throw new Error(log.message);
    },
  });
  await build.write({ file: output, format: 'esm', sourcemap: true, codeSplitting: false });
  await build.close();
}

function isPackage(id) {
  return !id.startsWith('.') && !id.startsWith('/') && !/^[A-Za-z]:\\/.test(id);
}

/** The one beside the process, as the compiler has left it. */
function keepTracingApart() {
  return {
    name: 'keep-tracing-apart',
    resolveId: (id, importer) =>
      importer && apart.test(id) && id.startsWith('./') ? { id: id.replace(/\.ts$/, '.js'), external: true } : null,
  };
}

/** Modules look for files beside themselves; they are to find them from where they have come to lie. */
function keepPlaces(outputFolder) {
  return {
    name: 'keep-places',
    transform(code, id) {
      if (!code.includes('import.meta.url')) return null;
      const compiled = join(root, 'dist', relative(join(root, 'src'), id)).replace(/\.ts$/, '.js');
      const place = relative(outputFolder, compiled).split(sep).join('/');
      const from = `new URL(${JSON.stringify(place)}, import.meta.url).href`;
      // No line moves, and nobody looks for columns.
      return { code: code.replaceAll('import.meta.url', from), map: null };
    },
  };
}
