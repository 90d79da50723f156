// A broker of the test's own: RabbitMQ, on loopback, with its data in a folder of the test, that can be killed and started again.
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { startProcess, type Folders, type ManagedProcess } from '../../src/local/managed-process.ts';
import { choosePort } from '../../src/local/ports.ts';
import { until } from './until.ts';

const cache = process.env['XDG_CACHE_HOME'] ?? join(process.env['HOME'] ?? homedir(), '.cache');
const fetched = join(cache, 'durable-orders', 'rabbitmq');
const HOW = 'no RabbitMQ: fetch it with `node scripts/rabbitmq.mjs` (Debian), or install it';

type Binaries = { server: string; epmd: string; path: string };

/** Where RabbitMQ is; or why the test is not run, which CI takes for a failure. */
export async function findRabbit(): Promise<Binaries | { missing: string }> {
  for (const root of [fetched, '/']) {
    const server = await within(join(root, 'usr/lib/rabbitmq/lib'), 'rabbitmq_server-', 'sbin/rabbitmq-server');
    const epmd = await within(join(root, 'usr/lib/erlang'), 'erts-', 'bin/epmd');
    if (server && epmd) return { server, epmd, path: root === '/' ? '' : `${join(root, 'bin')}:` };
  }
  if (process.env['CI']) throw new Error(HOW);
  return { missing: HOW };
}

/** A folder's name ends with its version. */
async function within(folder: string, prefix: string, file: string): Promise<string | null> {
  const found = (await readdir(folder).catch(() => [])).find((name) => name.startsWith(prefix));
  return found === undefined ? null : join(folder, found, file);
}

export type Rabbit = Awaited<ReturnType<typeof prepareRabbit>>;

export async function prepareRabbit({ server, epmd, path }: Binaries, directory: string) {
  const home = join(directory, 'rabbitmq');
  const folders: Folders = { logs: join(home, 'logs'), run: join(home, 'run') };
  await mkdir(home, { recursive: true });
  const [port, mapperPort, distribution] = [await choosePort(0), await choosePort(0), await choosePort(0)];
  const mapperEnv = { ERL_EPMD_ADDRESS: '127.0.0.1', ERL_EPMD_PORT: String(mapperPort) };
  // Its own, in the foreground: one that Erlang starts by itself outlives everything.
  const mapper = await startProcess({ name: 'epmd', command: epmd, args: [], env: mapperEnv }, folders);
  let running: ManagedProcess | null = null;

  /** `isBlocked`: with so little memory that it takes nothing from publishers. */
  async function start({ isBlocked = false } = {}): Promise<void> {
    const config = join(home, 'rabbitmq.conf');
    await writeFile(
      config,
      [
        `listeners.tcp.default = 127.0.0.1:${port}`,
        'default_user = orders',
        'default_pass = broker-secret',
        `vm_memory_high_watermark.absolute = ${isBlocked ? '1MB' : '2GB'}`,
        'disk_free_limit.absolute = 1MB',
        'log.console = true',
        'log.file = false',
      ].join('\n'),
    );
    await writeFile(join(home, 'plugins'), '[].\n');
    running = await startProcess(
      {
        name: 'rabbitmq',
        command: server,
        args: [],
        env: {
          ...mapperEnv,
          PATH: `${path}${process.env['PATH'] ?? ''}`,
          HOME: home,
          LANG: 'C.UTF-8',
          RABBITMQ_NODENAME: `test-${port}@localhost`,
          RABBITMQ_DIST_PORT: String(distribution),
          RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+S 1:1 +sbwt none -kernel inet_dist_use_interface {127,0,0,1}',
          RABBITMQ_CONFIG_FILE: config,
          RABBITMQ_MNESIA_BASE: join(home, 'data'),
          RABBITMQ_LOG_BASE: join(home, 'logs'),
          RABBITMQ_ENABLED_PLUGINS_FILE: join(home, 'plugins'),
          RABBITMQ_PID_FILE: join(home, 'pid'),
        },
      },
      folders,
    );
    await until(() => listens(port), 'RabbitMQ listens');
  }

  async function kill(): Promise<void> {
    if (!running) return;
    // The script that starts it, and the machine below that.
    process.kill(-running.pid, 'SIGKILL');
    await running.ended;
    running = null;
    await until(async () => !(await listens(port)), 'RabbitMQ is gone');
  }

  return {
    url: `amqp://orders:broker-secret@127.0.0.1:${port}`,
    target: {
      protocol: 'amqp' as const,
      hostname: '127.0.0.1',
      port,
      username: 'orders',
      password: 'broker-secret',
      vhost: '%2F',
    },
    start,
    kill,
    close: async (): Promise<void> => {
      await kill();
      await mapper.stop(1_000);
    },
  };
}

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port }, () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });
