import type { Check } from './facts.ts';
import type { Stage } from './stage.ts';

/** A scene: what it will show, how it is played, and what has to be true of what was seen. */
type Script<Facts> = {
  name: string;
  headline: string;
  /** What will be shown, in a sentence or two. */
  promise: string;
  /** What has to be there: nobody is in a hurry, nor can be killed, where there is no control server. */
  needs?: 'processes';
  play: (stage: Stage) => Promise<Facts>;
  checks: (facts: Facts) => Check[];
};

export type Scene = Omit<Script<never>, 'play' | 'checks'> & { perform: (stage: Stage) => Promise<Check[]> };

/** A scene whose facts nobody else has to know. */
export const scene = <Facts>({ play, checks, ...about }: Script<Facts>): Scene => ({
  ...about,
  perform: async (stage) => checks(await play(stage)),
});
