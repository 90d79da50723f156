import type { Scope } from '../domain/scope.ts';

/** A key as it may be shown: everything but its secret, which nobody has kept. Instants are ISO strings in UTC. */
export type ApiKey = {
  id: string;
  tenant: string;
  name: string;
  prefix: string;
  scopes: readonly Scope[];
  createdAt: string;
  revokedAt: string | null;
};

/** The keys of all tenants. Faults (database away) are thrown. */
export type ApiKeys = {
  /** Makes a key. `secretKey` is what its holder sends; it can not be had a second time. */
  create: (request: {
    tenant: string;
    name: string;
    scopes: readonly Scope[];
  }) => Promise<{ apiKey: ApiKey; secretKey: string }>;
  /** The key that the text is; null when there is none or it is revoked. */
  find: (presented: string) => Promise<ApiKey | null>;
  /** By tenant, oldest first; the revoked ones too. */
  list: () => Promise<readonly ApiKey[]>;
  /** From now on the key is nobody's; a repeat changes nothing. Null: no key has this id. */
  revoke: (request: { id: string }) => Promise<ApiKey | null>;
};
