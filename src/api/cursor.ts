import type { z } from 'zod';
import { Problem } from './middleware/problems.ts';

/** An opaque page marker: where the page ended, not how many rows were skipped, so inserts do not shift it. */
export const encodeCursor = (place: unknown): string =>
  Buffer.from(JSON.stringify(place), 'utf8').toString('base64url');

/** The place inside a cursor of ours; a Problem for any other. */
export function decodeCursor<T>(cursor: string | undefined, schema: z.ZodType<T>): T | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch {
    throw new Problem('invalid-cursor', 'Take the cursor from nextCursor of the page before');
  }
}
