/** How many endpoints a Service's card shows as dots; more than that are a number. A low card has room for fewer. */
export const DOTS = 10;
export const DOTS_LOW = 5;
