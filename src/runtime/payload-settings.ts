import { z } from 'zod';

const KEY_BYTES = 32;
const KEY_ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** A key for AES-256-GCM and the name that stands beside what it has encrypted. */
export type PayloadKey = { id: string; bytes: Buffer };

/** Of everybody who speaks to Temporal: they must all know the same keys. */
export const payloadSettings = {
  /** `<id>:<32 bytes in base64>`, several with commas: every key that something in Temporal may still be encrypted with. */
  PAYLOAD_KEYS: z.string().transform(readKeys).optional(),
  /** The id of the one that encrypts; without it what others have encrypted is read, and nothing is encrypted. */
  PAYLOAD_KEY_ID: z.string().regex(KEY_ID).optional(),
};
export type PayloadSettings = z.infer<z.ZodObject<typeof payloadSettings>>;

/** What is wrong with the two together; null when nothing is. */
export const payloadConflictOf = ({ PAYLOAD_KEYS: keys = [], PAYLOAD_KEY_ID: id }: PayloadSettings): string | null =>
  id === undefined || keys.some((key) => key.id === id)
    ? null
    : 'PAYLOAD_KEY_ID: no key of PAYLOAD_KEYS has this id; add its key, or name another one';

/** Never says what stands there: keys are secrets. */
function readKeys(text: string, context: z.RefinementCtx): PayloadKey[] {
  const keys = text.split(',').map((entry) => {
    const [id = '', key = ''] = entry.trim().split(':');
    return { id, bytes: Buffer.from(key, 'base64') };
  });
  const problem = problemOf(keys);
  if (problem === null) return keys;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
}

function problemOf(keys: readonly PayloadKey[]): string | null {
  if (!keys.every(({ id }) => KEY_ID.test(id))) return 'expected <id>:<key>, several with commas';
  if (!keys.every(({ bytes }) => bytes.length === KEY_BYTES))
    return `expected keys of ${KEY_BYTES} bytes in base64, as \`openssl rand -base64 ${KEY_BYTES}\` makes them`;
  const ids = new Set(keys.map(({ id }) => id));
  return ids.size === keys.length ? null : 'expected each id once';
}
