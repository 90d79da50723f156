// Calls to Temporal, as its frontend counts them: of clients and workers alike, without anything of ours having to count. Pure but for `readCalls`.

export type Calls = Readonly<Record<string, number>>;

/** Wait for work, however much there is: their number says how long it took, not what an order costs. */
const WAITING = /^(Poll|RecordWorkerHeartbeat|ShutdownWorker)/;
/** Asked by what is measured with (the harness), or by looks at health. */
const LOOKING =
  /^(List|Count|DescribeNamespace|DescribeTaskQueue|GetSystemInfo|GetClusterInfo|GetSearchAttributes|RegisterNamespace)/;

/** Of one namespace, by operation. */
export async function readCalls(metricsUrl: string, namespace: string): Promise<Calls> {
  const answer = await fetch(metricsUrl, { signal: AbortSignal.timeout(10_000) });
  return parseCalls(await answer.text(), namespace);
}

export function parseCalls(text: string, namespace: string): Calls {
  const calls: Record<string, number> = {};
  for (const [, labels = '', value] of text.matchAll(/^service_requests(?:_total)?\{([^}]*)\} (\S+)$/gm)) {
    const label = (name: string): string | undefined => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1];
    const operation = label('operation');
    if (label('service_name') !== 'frontend' || label('namespace') !== asLabel(namespace) || operation === undefined)
      continue;
    calls[operation] = (calls[operation] ?? 0) + Number(value);
  }
  return calls;
}

/** What was called between two readings for the sake of orders. */
export function callsBetween(before: Calls, after: Calls): Calls {
  const found = Object.entries(after)
    .filter(([operation]) => !WAITING.test(operation) && !LOOKING.test(operation))
    .map(([operation, count]) => [operation, count - (before[operation] ?? 0)] as const);
  return Object.fromEntries(found.filter(([, count]) => count > 0));
}

export const sumOf = (calls: Calls): number => Object.values(calls).reduce((sum, count) => sum + count, 0);

/** Its metrics have no dash in a label. */
const asLabel = (namespace: string): string => namespace.replace(/[^A-Za-z0-9_]/g, '_');
