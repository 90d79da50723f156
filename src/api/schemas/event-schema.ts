import { z } from './fields.ts';

export const eventSchemaParams = z.object({
  type: z.string().openapi({ example: 'order.placed' }),
  version: z
    .string()
    .regex(/^[1-9]\d{0,5}$/)
    .transform(Number)
    .openapi({ type: 'integer', minimum: 1, example: 1 }),
});

export const eventSchemaList = z
  .object({
    items: z.array(
      z.object({
        eventType: z.string(),
        eventVersion: z.int().min(1),
        isNewest: z.boolean().openapi({ description: 'This is what is written and read; older ones are kept for who knows them' }),
        description: z.string(),
        href: z.string().openapi({ description: 'Its JSON Schema' }),
      }),
    ),
  })
  .openapi('EventSchemaList');

/** The document itself is described by the meta schema that it names. */
export const anyDocument = z.record(z.string(), z.unknown());
