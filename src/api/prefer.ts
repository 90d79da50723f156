/** The longest time that a client may have its answer held. */
const MAX_WAIT_SECONDS = 30;

/** Milliseconds of `wait=N` in a Prefer header (RFC 7240), cut to 30 s; 0 without one. What is not understood is ignored. */
export function waitOf(prefer: string | readonly string[] | undefined): number {
  const preferences = [prefer ?? []].flat().flatMap((header) => header.split(/[,;]/));
  for (const preference of preferences) {
    const [, seconds] = /^\s*wait\s*=\s*"?(\d{1,9})"?\s*$/i.exec(preference) ?? [];
    if (seconds !== undefined) return Math.min(Number(seconds), MAX_WAIT_SECONDS) * 1_000;
  }
  return 0;
}
