/** Room for a frame between two long pieces of work, such as the steps in which Monaco comes. */

/** Lets the page draw and hear keys before it goes on. */
export const pause = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
