/** How the command ends, for scripts: docs/cli.md and `orders --help` say the same. */
export const Exit = {
  ok: 0,
  failed: 1,
  usage: 2,
  refused: 3,
  notFound: 4,
  unavailable: 5,
  interrupted: 130,
} as const;
export type Exit = (typeof Exit)[keyof typeof Exit];

export const exitCodes: readonly (readonly [Exit, string])[] = [
  [Exit.ok, 'done'],
  [Exit.failed, 'it ended otherwise: the order is rejected or cancelled, a check found something'],
  [Exit.usage, 'the command is not understood, or a setting is wrong'],
  [Exit.refused, 'the api refuses (4xx)'],
  [Exit.notFound, 'there is no such order, product, … (404)'],
  [Exit.unavailable, 'the api does not answer, fails or is too busy (5xx, 429): what was asked for may have been done'],
  [Exit.interrupted, 'interrupted (Ctrl-C)'],
];
