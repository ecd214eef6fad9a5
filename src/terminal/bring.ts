/** Brings a line into the middle of the drawer's page; `scrollIntoView` would move the whole page with it. */
export function bringIntoPage(element: Element | null): void {
  const page = element?.closest('.page');
  if (element == null || page == null) return;
  const middle = page.getBoundingClientRect().top + page.clientHeight / 2;
  page.scrollTop += element.getBoundingClientRect().top - middle;
}
