// `npm start` as a user meets it, on a folder of its own.
import { spawn, type ChildProcess } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { until } from './until.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

export type Started = { child: ChildProcess; said: () => string; ended: Promise<number | null> };
export type Home = Awaited<ReturnType<typeof openHome>>;

/** A folder with the build in it; also a private one, as root's often are: the database's user can not walk into it. */
export async function openHome() {
  const folder = await mkdtemp(join(tmpdir(), 'durable-orders-start-'));
  for (const name of ['dist', 'migrations', 'package.json'])
    await cp(join(root, name), join(folder, name), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const started: ChildProcess[] = [];
  // Where the data went instead.
  const elsewhere: string[] = [];

  return {
    folder,
    start: (): Started => {
      const { NODE_OPTIONS: _forJest, ...env } = process.env;
      const child = spawn(process.execPath, [join(folder, 'dist/local/main.js')], {
        env: { ...env, PORT: '0', SIMULATOR_PORT: '0', CHAOS_PORT: '0' },
      });
      started.push(child);
      let text = '';
      child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
      child.stderr.on('data', (chunk: Buffer) => (text += chunk.toString()));
      return { child, said: () => text, ended: new Promise((resolve) => child.once('exit', resolve)) };
    },
    /** The address of the api, once it is there. */
    ready: async ({ said, child }: Started): Promise<string> => {
      await until(() => said().includes('Stop with Ctrl-C') || child.exitCode !== null, 'the greeting');
      const [, url] = /^ +API +(http:\S+)/m.exec(said()) ?? [];
      if (url === undefined) throw new Error(`Expected the greeting; found:\n${said()}`);
      const [, data] = /data in (\S+) \(/.exec(said()) ?? [];
      if (data !== undefined) elsewhere.push(data);
      return url;
    },
    /** Of the database that runs here. */
    databaseUrl: async ({ said }: Started): Promise<string> => {
      const [, port = ''] = /PostgreSQL +127\.0\.0\.1:(\d+)/.exec(said()) ?? [];
      const place = elsewhere.at(-1) ?? join(folder, '.local', 'postgres');
      return `postgres://orders:${(await readFile(join(place, 'password'), 'utf8')).trim()}@127.0.0.1:${port}/orders`;
    },
    close: async (): Promise<void> => {
      for (const child of started) child.kill('SIGTERM');
      await until(
        () => started.every((child) => child.exitCode !== null || child.signalCode !== null),
        'every start has ended',
      );
      for (const directory of [folder, ...elsewhere]) await rm(directory, { recursive: true, force: true });
    },
  };
}
