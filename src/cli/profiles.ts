// Named addresses with their keys, in one file that only its owner can read. What must stay true: a key is never written where others
// read it, and a file that others can read is not used.
import { chmod, mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import type { CliConfig } from '../runtime/cli-settings.ts';
import { UsageError } from './io.ts';

const OTHERS = 0o077;

const profileSchema = z.strictObject({ url: z.url(), key: z.string().min(1).optional() });
const fileSchema = z.strictObject({ profiles: z.record(z.string(), profileSchema) });
export type Profile = z.infer<typeof profileSchema>;
export const profileName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$/;

/** Where they are kept. */
export function profilesFile({ XDG_CONFIG_HOME, HOME }: CliConfig): string {
  return join(XDG_CONFIG_HOME ?? join(HOME ?? homedir(), '.config'), 'durable-orders', 'profiles.json');
}

/** All of them; none without a file. Throws UsageError for one that others can read, or that can not be understood. */
export async function readProfiles(file: string): Promise<Record<string, Profile>> {
  const found = await stat(file).catch(() => null);
  if (!found) return {};
  if (process.platform !== 'win32' && (found.mode & OTHERS) !== 0)
    throw new UsageError(`Others can read ${file}, which holds keys: chmod 600 '${file}'`);
  try {
    return fileSchema.parse(JSON.parse(await readFile(file, 'utf8'))).profiles;
  } catch (cause) {
    throw new UsageError(`${file} can not be understood: mend it, or remove it and run orders setup`, { cause });
  }
}

/** Adds it, or replaces the one of its name. */
export async function writeProfile(file: string, name: string, profile: Profile): Promise<void> {
  const profiles = { ...(await readProfiles(file)), [name]: profile };
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  // Beside it and then in its place: whoever is interrupted has the old one or the new one.
  const next = `${file}.${process.pid}.new`;
  await writeFile(next, `${JSON.stringify({ profiles }, null, 2)}\n`, { mode: 0o600 });
  await chmod(next, 0o600);
  await rename(next, file);
}
