/** How a key is written for the machine that the page is read on: Apple's keyboards have ⌘ where others have Ctrl. */

/** The platform's name as the browser tells it; empty where there is none, as in tests. */
const PLATFORM = typeof navigator === 'undefined' ? '' : (navigator.platform ?? '');

/** "Ctrl K" as the visitor's keyboard spells it. */
export function keyName(key: string, platform: string = PLATFORM): string {
  return /^(Mac|iP)/.test(platform) ? key.replaceAll('Ctrl', '⌘').replaceAll('Shift', '⇧') : key;
}
