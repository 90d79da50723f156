// `node scripts/rabbitmq.mjs`: fetches the broker that one test needs (test/chaos/broker), RabbitMQ with Erlang, from Debian's packages, and
// unpacks them into the cache folder. Nothing is installed, and no rights are needed. Elsewhere than on Debian: install RabbitMQ.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

// What rabbitmq-server depends on of Erlang.
const erlang = [
  ...['base', 'asn1', 'crypto', 'eldap', 'inets', 'mnesia', 'os-mon', 'parsetools', 'public-key', 'runtime-tools'],
  ...['ssl', 'syntax-tools', 'tools', 'xmerl'],
].map((name) => `erlang-${name}`);
const cache = join(process.env.XDG_CACHE_HOME ?? join(process.env.HOME ?? homedir(), '.cache'), 'durable-orders');
const home = join(cache, 'rabbitmq');

if (existsSync(join(home, 'complete'))) process.exit(0);
mkdirSync(cache, { recursive: true });
const fetching = mkdtempSync(join(cache, 'fetching-rabbitmq-'));
try {
  process.stdout.write('Fetching RabbitMQ …\n');
  download(fetching);
  for (const file of readdirSync(fetching).filter((name) => name.endsWith('.deb'))) {
    execFileSync('dpkg', ['-x', join(fetching, file), fetching], { stdio: 'inherit' });
    rmSync(join(fetching, file));
  }
  writeErl(fetching);
  writeFileSync(join(fetching, 'complete'), '');
  // Renamed when it is whole: a start that was killed leaves nothing that looks like one.
  rmSync(home, { recursive: true, force: true });
  renameSync(fetching, home);
} finally {
  rmSync(fetching, { recursive: true, force: true });
}

function download(cwd) {
  const fetch = () =>
    execFileSync('apt-get', ['download', '-q', 'rabbitmq-server', ...erlang], { cwd, stdio: 'inherit' });
  try {
    fetch();
  } catch {
    // A machine that is new has no list of packages, or an old one.
    execFileSync('apt-get', ['update', '-q'], { stdio: 'inherit' });
    fetch();
  }
}

/** Debian's `erl` looks where it would be installed; this one beside itself, wherever that is. */
function writeErl(folder) {
  const erts = readdirSync(join(folder, 'usr/lib/erlang')).find((name) => name.startsWith('erts-'));
  if (!erts) throw new Error('Expected erts-* in the package of Erlang; found none');
  mkdirSync(join(folder, 'bin'));
  const file = join(folder, 'bin', 'erl');
  writeFileSync(
    file,
    `#!/bin/sh
ROOTDIR="$(cd "$(dirname "$0")/../usr/lib/erlang" && pwd)"
BINDIR="$ROOTDIR/${erts}/bin"
EMU=beam
PROGNAME=erl
export ROOTDIR BINDIR EMU PROGNAME
exec "$BINDIR/erlexec" "$@"
`,
  );
  chmodSync(file, 0o755);
}
