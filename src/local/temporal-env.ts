import { fileURLToPath } from 'node:url';

// Must not be there: an empty file is one that the SDK stumbles over.
const nowhere = fileURLToPath(new URL('no-temporal.toml', import.meta.url));

/**
 * The environment for a stack that runs its own Temporal server: without anything of the user's that says how to reach
 * another one. A key or a profile meant for Temporal Cloud would be sent, with TLS, to a server that knows neither.
 */
export function withoutTemporal(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const others = Object.fromEntries(
    Object.entries(env).filter(([name]) => !name.toUpperCase().startsWith('TEMPORAL_')),
  );
  // Else the profile in the user's own configuration folder counts.
  return { ...others, TEMPORAL_CONFIG_FILE: nowhere };
}
