/**
 * The name under which a worker tells the workflow code, before any of it runs, that it has a version. Temporal refuses what a
 * worker without one says about versions, and every task of it with that.
 */
export const HAS_VERSION = 'workerHasVersion';
