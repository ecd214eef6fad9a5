/** The page over the fake cluster; served by `npx vite` at /e2e/fake/. */
import '../../src/ui/tokens.css';
import '../../src/ui/look.css';
import '../../src/app/page.css';
import { mount } from '../../src/app/mount';
import { FakeMailbox } from './mailbox';

mount(document.getElementById('root')!, () => new FakeMailbox());
