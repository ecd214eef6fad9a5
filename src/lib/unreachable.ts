/**
 * Tells a part of the page that could not be fetched from a defect of ours: engines say it in words only, Vite in words of
 * its own. A visitor without a network, or with a page from before the last release, meets it.
 */
const WORDS = [
  'Failed to fetch dynamically imported module', // Chromium
  'error loading dynamically imported module', // Firefox
  'Importing a module script failed', // Safari
  'Unable to preload CSS', // Vite
];

/** What is said of a Worker whose script did not come: the engine gives no reason. */
export const NOT_STARTED = 'The worker could not be started.';

/** True for the message, or stack, of what is thrown when a script cannot be fetched. */
export function isUnreachable(message: string): boolean {
  return [NOT_STARTED, ...WORDS].some((words) => message.includes(words));
}
