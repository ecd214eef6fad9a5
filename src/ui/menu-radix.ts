/** The menus themselves, apart so that they can be loaded by themselves (menu.tsx). */
export { DropdownMenu } from 'radix-ui';
