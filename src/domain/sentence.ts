/** What others have said, as a part of a sentence of ours: without the stop it may end in. */
export const clause = (text: string): string => text.replace(/[.\s]+$/, '');

/** The text as a sentence, which ends in one stop. */
export const asSentence = (text: string): string => (/[!?…]\s*$/.test(text) ? text.trimEnd() : `${clause(text)}.`);

/** An amount as cards show it. */
export const sayAmount = (amountMinor: number, currency: string): string => `${amountMinor} ${currency} (minor units)`;

export const sayUnits = (count: number): string => `${count} ${count === 1 ? 'unit' : 'units'}`;
