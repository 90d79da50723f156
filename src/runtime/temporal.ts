import { loadClientConnectConfig } from '@temporalio/envconfig';

/**
 * How to reach Temporal: its own environment variables (TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY,
 * TEMPORAL_TLS…) and profiles, so that Temporal Cloud needs configuration only. Without any: the dev server's address.
 */
export function loadTemporalConnection(): { connection: ConnectionOptions; namespace: string } {
  const { connectionOptions, namespace } = loadClientConnectConfig();
  return {
    connection: { ...connectionOptions, address: connectionOptions.address ?? DEV_SERVER },
    namespace: namespace ?? 'default',
  };
}

const DEV_SERVER = '127.0.0.1:7233';
type ConnectionOptions = ReturnType<typeof loadClientConnectConfig>['connectionOptions'] & { address: string };
