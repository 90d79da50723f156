// The directions of imports, as an allow-list: what is not listed is an error.
const rooms = {
  domain: [],
  contracts: ['domain'],
  ports: ['domain', 'contracts'],
  // What events say, with zod: nothing that runs in the sandbox may import it.
  events: ['domain', 'contracts'],
  workflows: ['contracts', 'domain'],
  activities: ['ports', 'domain', 'contracts', 'runtime'],
  adapters: ['ports', 'domain', 'contracts', 'events', 'runtime'],
  background: ['ports', 'domain', 'contracts', 'runtime'],
  workers: ['activities', 'contracts', 'runtime'],
  api: ['contracts', 'domain', 'ports', 'events', 'runtime'],
  // The command that brings a restored database up to date; only its main.ts knows adapters.
  recovery: ['ports', 'domain', 'contracts', 'background', 'runtime'],
  // Takes out of the database what nobody asks it for; only its main.ts knows adapters.
  archive: ['ports'],
  // Says which open workflows a build would break; only its main.ts is run.
  replay: ['contracts', 'runtime'],
  simulator: [],
  // Tries the adapters of others: it knows ports, and none of ours.
  conformance: ['ports', 'domain', 'contracts', 'runtime'],
  // Speaks HTTP, through the client (`#client`, which is none of src/); what needs more runs in a process of its own.
  cli: ['domain', 'runtime'],
  local: ['runtime'],
  // Runs our processes and servers with what `npm start` runs them with; never with code of theirs.
  verify: ['domain', 'contracts', 'events', 'runtime', 'local'],
  // Breaks the one-machine stack on purpose and watches: by the rules of the checker, on what `npm start` runs (its main.ts opens it).
  chaos: ['verify', 'local', 'runtime'],
  runtime: [],
};

// May be imported for their types only: the code itself runs elsewhere (in the sandbox, in the worker).
const typesOnly = { workflows: ['activities'], api: ['workflows'], workers: ['workflows', 'ports'] };

const forbidden = Object.entries(rooms).flatMap(([room, allowed]) => {
  const open = [room, ...allowed].join('|');
  const typed = typesOnly[room] ?? [];
  const rules = [
    {
      name: `${room}-imports`,
      severity: 'error',
      comment: `src/${room} may import: ${[...allowed, ...typed.map((t) => `${t} (types)`)].join(', ') || 'nothing'}`,
      from: { path: `^src/${room}/`, pathNot: 'main\\.ts$' },
      to: { path: '^src/', pathNot: `^src/(${[open, ...typed].join('|')})/` },
    },
  ];
  if (typed.length > 0) {
    rules.push({
      name: `${room}-types-only`,
      severity: 'error',
      from: { path: `^src/${room}/`, pathNot: 'main\\.ts$' },
      to: { path: `^src/(${typed.join('|')})/`, dependencyTypesNot: ['type-only'] },
    });
  }
  return rules;
});

module.exports = {
  forbidden: [
    ...forbidden,
    {
      name: 'api-and-workers-never-meet',
      severity: 'error',
      from: { path: '^src/(api|workers)/' },
      to: { path: '^src/(api|workers)/', pathNot: '^src/$1/' },
    },
    {
      name: 'sandboxed-code-uses-no-node',
      severity: 'error',
      comment: 'Workflow code is replayed: no clock, no disk, no network.',
      from: { path: '^src/(workflows|domain|contracts)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'sandboxed-code-uses-no-zod',
      severity: 'error',
      comment: 'It would be bundled with the workflows, and be slow there.',
      from: { path: '^src/(workflows|domain|contracts)/' },
      to: { path: 'node_modules/zod/' },
    },
    {
      name: 'only-order-client-speaks-to-temporal',
      severity: 'error',
      from: { path: '^src/api/', pathNot: '^src/api/(order-client|shipment-client|main)\\.ts$' },
      to: { path: '@temporalio/client' },
    },
    {
      name: 'the-console-speaks-http',
      severity: 'error',
      comment: 'What it needs of the service it asks the api for.',
      from: { path: '^console/' },
      to: { path: '^src/' },
    },
    {
      name: 'the-console-stays-in-the-browser',
      severity: 'error',
      from: { path: '^console/src/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'nobody-imports-the-console',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^console/' },
    },
    {
      name: 'nobody-imports-what-measures',
      comment: 'bench/ starts the product and its variants; the product knows nothing of it.',
      severity: 'error',
      from: { path: '^(src|console)/' },
      to: { path: '^bench/' },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-dev-dependencies-in-production',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/(local|verify)/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
