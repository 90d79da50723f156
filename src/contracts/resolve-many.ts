/** The workflow's registered name; its id is the resolution's. */
export const RESOLVE_MANY = 'resolveMany';

/** Which orders, and what was decided, is in the rows: an input of ten thousand ids would not fit. */
export type ResolveManyInput = { resolutionId: string };

/** TypeID, as orders have. */
export const resolutionIdPattern = /^resolution_[0-7][0-9a-hjkmnp-tv-z]{25}$/;
