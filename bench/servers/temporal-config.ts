// What the Temporal server is told. Its defaults wherever there are any; shards as in its own configuration for one machine. Pure.

export type TemporalPorts = Readonly<
  Record<'grpc' | 'http' | 'metrics' | 'history' | 'matching' | 'worker', number> & { members: readonly number[] }
>;
type Store = { port: number; user: string; password: string };

export const SHARDS = 4;

export function temporalConfig({ ports, store }: { ports: TemporalPorts; store: Store }): string {
  const datastore = (database: string, connections: number): object => ({
    sql: {
      ...{ pluginName: 'postgres12_pgx', databaseName: database, connectAddr: `127.0.0.1:${store.port}` },
      ...{ connectProtocol: 'tcp', user: store.user, password: store.password },
      ...{ maxConns: connections, maxIdleConns: connections, maxConnLifetime: '1h' },
    },
  });
  const service = (grpcPort: number, member: number, more: object = {}): object => ({
    rpc: { grpcPort, membershipPort: ports.members[member], bindOnLocalHost: true, ...more },
  });
  const address = `127.0.0.1:${ports.grpc}`;
  // JSON is YAML.
  return JSON.stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      ...{ defaultStore: 'default', visibilityStore: 'visibility', numHistoryShards: SHARDS },
      datastores: { default: datastore('temporal', 20), visibility: datastore('temporal_visibility', 10) },
    },
    global: {
      membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' },
      metrics: {
        prometheus: { framework: 'tally', timerType: 'histogram', listenAddress: `127.0.0.1:${ports.metrics}` },
      },
    },
    services: {
      frontend: service(ports.grpc, 0, { httpPort: ports.http }),
      matching: service(ports.matching, 1),
      history: service(ports.history, 2),
      worker: service(ports.worker, 3),
    },
    clusterMetadata: {
      ...{ enableGlobalNamespace: false, failoverVersionIncrement: 10 },
      ...{ masterClusterName: 'active', currentClusterName: 'active' },
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: address },
      },
    },
    publicClient: { hostPort: address },
    dcRedirectionPolicy: { policy: 'noop' },
  });
}
