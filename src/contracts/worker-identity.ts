// How a worker calls itself at Temporal: the SDK's own form, and which build of the workflows it runs. Every task in a history says by whom
// it was done, so that can be read there, too.

/** `code`: the first twelve hex digits of the SHA-256 of its bundle of workflows. */
export const workerIdentity = ({ pid, host, code }: { pid: number; host: string; code: string }): string =>
  `${pid}@${host}/${code}`;

/** The build that a worker runs; null for one that does not say so. */
export const codeOf = (identity: string): string | null => /\/([0-9a-f]{12})$/.exec(identity)?.[1] ?? null;
