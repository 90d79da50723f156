// The container files, as far as they can be proven without a container engine: what the compose file promises about
// addresses, images, data and secrets, what the image leaves out, and the one-shot that registers the search attributes,
// run for real against a Temporal server. test/unit/containers.test.ts holds replicas, gates and loopback.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { searchAttributes } from '../../src/contracts/search-attributes.ts';
import { sharedServers } from '../support/servers.ts';

type Service = {
  image: string;
  command?: string[];
  volumes?: string[];
  ports?: string[];
  environment?: Record<string, string>;
};
type Manifest = { dependencies: Record<string, string>; optionalDependencies: Record<string, string> };
type LockEntry = { optional?: boolean; dev?: boolean };

const run = promisify(execFile);
const root = new URL('../../', import.meta.url);
const read = (path: string): Promise<string> => readFile(new URL(path, root), 'utf8');

let services: Record<string, Service>;
let dockerfile: string;
let folder: string;

beforeAll(async () => {
  services = (parse(await read('docker-compose.yml'), { merge: true }) as { services: Record<string, Service> })
    .services;
  dockerfile = await read('Dockerfile');
  folder = await mkdtemp(join(tmpdir(), 'durable-orders-containers-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('docker-compose.yml', () => {
  test('names no image by a tag that moves', () => {
    const images = [...Object.values(services).map(({ image }) => image), ...baseImages()];
    for (const image of images) {
      expect(image).toMatch(/^[\w./-]+:v?\d+\.\d+[\w.-]*$/);
      expect(image).not.toContain('latest');
    }
  });

  test('runs the same version of the Temporal server and its tools', () => {
    const versionOf = (name: string): string | undefined => services[name]?.image.split(':')[1];
    expect(versionOf('temporal-schema')).toBe(versionOf('temporal'));
    expect(versionOf('search-attributes')).toBe(versionOf('temporal'));
  });

  test('keeps the data of PostgreSQL 18 where that image has it', () => {
    expect(services['postgres']?.image).toMatch(/^postgres:18\./);
    expect(services['postgres']?.volumes).toEqual(['postgres:/var/lib/postgresql']);
  });

  test('lets api and worker be reached inside their network, and publishes two ports for two apis', () => {
    expect(services['api']?.environment?.['HOST']).toBe('0.0.0.0');
    expect(services['worker']?.environment?.['WORKER_HEALTH_HOST']).toBe('0.0.0.0');
    expect(services['api']?.ports).toEqual(['127.0.0.1:3000-3001:3000']);
    expect(services['worker']?.ports).toBeUndefined();
  });

  test('gives our processes only settings that exist, and the provider key only to the worker', async () => {
    const known = [...(await read('.env.example')).matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name);
    for (const name of ['migrate', 'api', 'worker']) {
      for (const setting of Object.keys(services[name]?.environment ?? {})) expect(known).toContain(setting);
    }
    const holders = Object.entries(services).filter(([, { environment = {} }]) => 'STRIPE_API_KEY' in environment);
    expect(holders.map(([name]) => name)).toEqual(['worker']);
  });

  test('starts files that the build makes', async () => {
    for (const name of ['migrate', 'api', 'worker']) {
      const file = services[name]?.command?.at(-1) ?? '';
      expect(services[name]?.command).toEqual(['node', '--enable-source-maps', file]);
      await expect(read(file.replace(/^dist/, 'src').replace(/js$/, 'ts'))).resolves.not.toBe('');
    }
  });
});

describe('Dockerfile', () => {
  test('ends as another user than root, with the bundle that was built', () => {
    const last = dockerfile.slice(dockerfile.lastIndexOf('\nFROM '));
    expect(last.indexOf('USER node')).toBeGreaterThan(last.lastIndexOf('COPY '));
    expect(last).toContain('WORKFLOW_BUNDLE_PATH=/app/dist/workflow-bundle.js');
    expect(last).toContain('CMD ["node", "--enable-source-maps", "dist/api/main.js"]');
  });

  test('leaves out development and optional packages, and fetches nothing that the lock file does not know', () => {
    expect(dockerfile).toContain('npm ci --omit=dev --omit=optional --ignore-scripts');
  });

  test('leaves out nothing that api, worker or migrations import', async () => {
    const { dependencies, optionalDependencies } = JSON.parse(await read('package.json')) as Manifest;
    const { packages } = JSON.parse(await read('package-lock.json')) as { packages: Record<string, LockEntry> };
    const imported = await packagesImportedInContainers();
    expect(imported.length).toBeGreaterThan(10);
    for (const name of imported) {
      expect(Object.keys(dependencies)).toContain(name);
      expect(Object.keys(optionalDependencies)).not.toContain(name);
      const { optional = false, dev = false } = packages[`node_modules/${name}`] ?? { optional: true };
      expect({ name, optional, dev }).toEqual({ name, optional: false, dev: false });
    }
  });

  test('is given what it copies, and no secrets or data', async () => {
    const allowed = [...(await read('.dockerignore')).matchAll(/^!(.+)$/gm)].map(([, path]) => path);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, paths = '']) =>
      paths.split(' '),
    );
    expect([...new Set(copied)].map((path) => path.replace('./', '')).sort()).toEqual([...allowed].sort());
    expect(allowed.filter((path) => path?.startsWith('.'))).toEqual([]);
  });
});

describe('the search-attributes service', () => {
  test('makes the namespace, registers all attributes, and does so again without harm', async () => {
    const { temporalAddress, temporalCli } = await sharedServers();
    const tools = await mkdtemp(join(folder, 'tools-'));
    await symlink(temporalCli, join(tools, 'temporal'));
    const namespace = `containers-${randomBytes(4).toString('hex')}`;
    const env = {
      PATH: `${tools}:${process.env['PATH'] ?? ''}`,
      TEMPORAL_ADDRESS: temporalAddress,
      TEMPORAL_NAMESPACE: namespace,
    };

    await run('/bin/sh', ['-c', script()], { env, timeout: 50_000 });
    await run('/bin/sh', ['-c', script()], { env, timeout: 10_000 });

    const { stdout } = await run(temporalCli, ['operator', 'search-attribute', 'list'], { env });
    const types: Record<string, string> = { KEYWORD: 'Keyword', INT: 'Int' };
    for (const { name, type } of searchAttributes) {
      expect(stdout).toMatch(new RegExp(`^\\s*${name}\\s+${types[type] ?? type}\\s*$`, 'm'));
    }
  });

  test('fails when the server never takes them', async () => {
    const tools = await mkdtemp(join(folder, 'tools-'));
    await writeFile(join(tools, 'temporal'), '#!/bin/sh\nexit 1\n');
    await writeFile(join(tools, 'sleep'), '#!/bin/sh\nexit 0\n');
    for (const tool of ['temporal', 'sleep']) await chmod(join(tools, tool), 0o755);
    const env = { PATH: `${tools}:${process.env['PATH'] ?? ''}`, TEMPORAL_NAMESPACE: 'default' };
    await expect(run('/bin/sh', ['-c', script()], { env, timeout: 20_000 })).rejects.toMatchObject({ code: 1 });
  });
});

/** What the container's shell gets: compose turns `$$` into `$`. */
const script = (): string => (services['search-attributes']?.command?.[0] ?? '').replaceAll('$$', '$');

const baseImages = (): string[] => [...dockerfile.matchAll(/^FROM (\S+)/gm)].map(([, image = '']) => image);

/** Of every source file but those of the one-machine stack, the simulator and verify, which no container starts. */
async function packagesImportedInContainers(): Promise<string[]> {
  const sourcesIn = async (folder: string): Promise<string[]> => {
    const files = await readdir(fileURLToPath(new URL(folder, root)), { recursive: true });
    return files.filter((file) => file.endsWith('.ts')).map((file) => `${folder}/${file}`);
  };
  // The client is compiled into dist/, and asks for packages of its own.
  const files = [...(await sourcesIn('src')), ...(await sourcesIn('clients/typescript/src'))];
  const sources = files.filter((file) => !/^src\/(local|simulator|verify)\//.test(file));
  const texts = await Promise.all(sources.map((file) => read(file)));
  const names = texts.flatMap((text) =>
    [...text.matchAll(/(?:from|import) '([^'.][^']*)'/g)].map(([, specifier = '']) => specifier),
  );
  const packages = names.filter((name) => !/^(node:|#client$)/.test(name)).map(packageOf);
  return [...new Set(packages)];
}

const packageOf = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
