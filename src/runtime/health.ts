/** The state of one part, and since when (ISO instant) it is in it. `detail` says what to look at. */
export type PartHealth = { state: 'ok' | 'failing'; since: string; detail?: string };

export type HealthMonitor = {
  /** Asks every part now and answers with all of them; never throws, never takes longer than the slowest probe. */
  check: () => Promise<Record<string, PartHealth>>;
};

/** A probe answers with a detail (a string; anything else is none) when its part is well, and throws when it is not. */
export type Probe = () => Promise<unknown>;

/** Remembers since when each part has been in its state, which is what somebody called at night asks first. */
export function createHealthMonitor(probes: Readonly<Record<string, Probe>>): HealthMonitor {
  const known = new Map<string, PartHealth>();

  async function checkPart(name: string, probe: Probe): Promise<[string, PartHealth]> {
    const found = await probe().then(
      (detail) => ({ state: 'ok' as const, ...(typeof detail === 'string' ? { detail } : {}) }),
      (error: unknown) => ({
        state: 'failing' as const,
        detail: error instanceof Error ? error.message : String(error),
      }),
    );
    const before = known.get(name);
    const since = before?.state === found.state ? before.since : new Date().toISOString();
    const health = { ...found, since };
    known.set(name, health);
    return [name, health];
  }

  return {
    check: async () =>
      Object.fromEntries(await Promise.all(Object.entries(probes).map(([name, probe]) => checkPart(name, probe)))),
  };
}
