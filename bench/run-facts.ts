// What a reader has to know of a run besides its figures.
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { BenchOptions } from './arguments.ts';
import type { RunFacts } from './report/report.ts';
import type { Servers } from './servers/servers.ts';

const run = promisify(execFile);

export async function factsOf(servers: Servers, options: BenchOptions, root: string): Promise<RunFacts> {
  const { dependencies } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const { server_version: postgres = '', ...durability } = servers.postgres.settings;
  return {
    date: new Date().toISOString().slice(0, 10),
    command: options.command,
    commit: await run('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).then(
      ({ stdout }) => stdout.trim(),
      () => null,
    ),
    machine: {
      cpus: cpus().length,
      model: cpus()[0]?.model.trim() ?? 'unknown',
      memoryMb: Math.round(totalmem() / 1e6),
      platform: `${platform()} ${release()}`,
    },
    versions: {
      Node: process.versions.node,
      PostgreSQL: postgres,
      ...durability,
      Temporal: servers.temporal.version,
      SDK: dependencies['@temporalio/worker'] ?? 'unknown',
      Express: dependencies['express'] ?? 'unknown',
    },
    timing: {
      repeats: options.repeats,
      'seconds each': options.seconds,
      'seconds of warm-up': options.warmUpSeconds,
    },
    loadBefore: loadavg()[0] ?? 0,
  };
}
