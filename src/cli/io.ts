// What a command knows of the world: everything that it reads or writes beside HTTP comes in here, so that tests run commands as they are.
import type { RepeatOptions } from '#client';
import type { CliConfig } from '../runtime/cli-settings.ts';

export type Io = {
  settings: CliConfig;
  /** stdout: results alone. */
  out: (text: string) => void;
  /** stderr: what is said to a person. */
  say: (text: string) => void;
  /** Whether a person looks at stdout. */
  isTerminal: boolean;
  /** Whether a person can be asked. */
  canAsk: boolean;
  /** All of stdin. */
  readInput: () => Promise<string>;
  /** One line of a person; what is secret is not shown. */
  askPerson: (question: string, options?: { secret?: boolean }) => Promise<string>;
  signal: AbortSignal;
  /** The folder of the program, where `npm start` keeps what runs. */
  home: string;
  /** How patient the client is; as it is by itself when left out. */
  repeat?: RepeatOptions;
  now: () => number;
  /** Space that is left where the path is. */
  freeBytes: (path: string) => Promise<number>;
  /** Runs a main of ours in its own process, with this terminal; resolves to how it ended. */
  runMain: (file: string, args: readonly string[]) => Promise<number>;
};

/** The command can not be done as it was given; the message says what to change. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Ctrl-C, or the end of the terminal. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}
