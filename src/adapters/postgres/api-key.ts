// API keys, `dok_<prefix>_<secret>`. What must stay true: no secret is kept, logged or shown twice; what is kept can not be
// turned into a key; and how long a refusal takes tells nothing about the secret.
//
// A plain SHA-256 is enough because the secret is 32 random bytes: a slow hash is for passwords, which can be guessed. Here
// it would cost every request tens of milliseconds, and make the door itself the way to overload us.
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { sql } from 'kysely';
import { typeidUnboxed } from 'typeid-js';
import type { ApiKey, ApiKeys } from '../../ports/api-key.ts';
import { toInstant, type Database } from './database.ts';

const SECRET_BYTES = 32;
// 48 bits: two of a million keys share one with a chance of 0.2 %, and then making the second fails (it is unique).
const PREFIX_BYTES = 6;
const keyPattern = /^dok_([0-9a-f]{12})_([A-Za-z0-9_-]{43})$/;

export const createApiKeys = ({ db }: { db: Database }): ApiKeys => ({
  create: async ({ tenant, name, scopes }) => {
    const prefix = randomBytes(PREFIX_BYTES).toString('hex');
    const secret = randomBytes(SECRET_BYTES).toString('base64url');
    const { rows } = await sql<ApiKey>`
      insert into api_keys (id, tenant, name, prefix, secret_hash, scopes)
      values (${typeidUnboxed('key')}, ${tenant}, ${name}, ${prefix}, ${hashOf(secret)}, ${[...scopes]}::text[])
      returning ${columns}`.execute(db);
    const [row] = rows;
    if (!row) throw new Error('Expected the new key to be returned; found none');
    return { apiKey: toApiKey(row), secretKey: `dok_${prefix}_${secret}` };
  },

  find: async (presented) => {
    const [, prefix, secret] = keyPattern.exec(presented) ?? [];
    if (prefix === undefined || secret === undefined) return null;
    const { rows } = await sql<ApiKey & { secretHash: Buffer }>`
      select ${columns}, secret_hash as "secretHash" from api_keys where prefix = ${prefix} and revoked_at is null`.execute(
      db,
    );
    const [row] = rows;
    if (!row) return null;
    const { secretHash, ...apiKey } = row;
    return timingSafeEqual(secretHash, hashOf(secret)) ? toApiKey(apiKey) : null;
  },

  list: async () => {
    const { rows } = await sql<ApiKey>`select ${columns} from api_keys order by tenant, created_at`.execute(db);
    return rows.map(toApiKey);
  },

  revoke: async ({ id }) => {
    await sql`
      update api_keys set revoked_at = clock_timestamp() where id = ${id} and revoked_at is null`.execute(db);
    const { rows } = await sql<ApiKey>`select ${columns} from api_keys where id = ${id}`.execute(db);
    return rows[0] ? toApiKey(rows[0]) : null;
  },
});

const columns = sql`id, tenant, name, prefix, scopes, created_at as "createdAt", revoked_at as "revokedAt"`;

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

const toApiKey = (row: ApiKey): ApiKey => ({
  ...row,
  createdAt: toInstant(row.createdAt),
  revokedAt: row.revokedAt && toInstant(row.revokedAt),
});
