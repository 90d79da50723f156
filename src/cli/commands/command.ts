import type { Command } from 'commander';
import type { Io } from '../io.ts';
import { openSession, type Globals, type Session } from '../session.ts';
import type { Exit } from '../exit-codes.ts';

/** Adds commands to the program; `act` makes an action of what they do. */
export type Register = (program: Command, act: Act) => void;
export type Act = <A extends unknown[], O extends object>(
  work: (session: Session, options: O & Globals, ...args: A) => Promise<Exit | undefined> | Promise<void>,
) => (...given: unknown[]) => Promise<void>;

/** An action: opens the session, does the work, and keeps how it ended. */
export const actionsOf =
  (io: Io, end: (exit: Exit) => void): Act =>
  (work) =>
  async (...given) => {
    // Commander calls with the arguments, the command's own options, and the command.
    const command = given.pop() as Command;
    given.pop();
    const options: never = command.optsWithGlobals();
    const exit = await work(await openSession(io, options), options, ...(given as never));
    if (exit !== undefined) end(exit);
  };
