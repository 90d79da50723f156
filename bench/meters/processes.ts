// What processes have used, by Linux's own count. Elsewhere there is none.
import { readdir, readFile } from 'node:fs/promises';

// The unit of /proc/<pid>/stat on every Linux that Node runs on.
const TICKS_PER_SECOND = 100;

/** Seconds of CPU that each process and its children (those that have ended, too) have used so far; null where nobody counts. */
export async function cpuSeconds(pids: Readonly<Record<string, number>>): Promise<Record<string, number | null>> {
  const stats = await allStats();
  const found: Record<string, number | null> = {};
  for (const [name, pid] of Object.entries(pids)) {
    const own = stats.get(pid);
    const children = [...stats.values()].filter(({ parent }) => parent === pid);
    // What measures has no children that are not measured by themselves.
    const all = pid === process.pid ? [own] : [own, ...children];
    found[name] = own ? all.reduce((sum, stat) => sum + (stat?.ticks ?? 0), 0) / TICKS_PER_SECOND : null;
  }
  return found;
}

/** Memory in MB (10^6 bytes) by proportional share: pages that several processes have count once for all of them. */
export async function pssMb(pid: number): Promise<number | null> {
  const children = [...(await allStats())].filter(([, { parent }]) => parent === pid).map(([child]) => child);
  const found = await Promise.all([pid, ...(pid === process.pid ? [] : children)].map(pssOf));
  return found[0] === null ? null : found.reduce((sum: number, one) => sum + (one ?? 0), 0);
}

async function pssOf(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch(() => '');
  const kilobytes = /^Pss: +(\d+) kB$/m.exec(text)?.[1];
  return kilobytes === undefined ? null : (Number(kilobytes) * 1_024) / 1e6;
}

type Stat = { parent: number; ticks: number };

async function statOf(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return text === null ? null : parseStat(text);
}

/** The name in parentheses may hold anything; counted from behind it: the parent is the second field, times the 12th to 15th. */
export function parseStat(text: string): Stat {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const [user, system, childUser, childSystem] = fields.slice(11, 15).map(Number);
  return { parent: Number(fields[1]), ticks: (user ?? 0) + (system ?? 0) + (childUser ?? 0) + (childSystem ?? 0) };
}

/** Every process there is: PostgreSQL serves every connection with a child. */
async function allStats(): Promise<Map<number, Stat>> {
  const pids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const stats = await Promise.all(pids.map(async (pid) => [pid, await statOf(pid)] as const));
  return new Map(stats.flatMap(([pid, stat]) => (stat ? [[pid, stat]] : [])));
}
