/** The page's beginning, and the only file that acts when it is loaded. */
import './ui/tokens.css';
import './ui/look.css';
import './app/page.css';
import './app/touch.css';
import { mount } from './app/mount';
import { keepOffline } from './app/offline';
import { spawnWorker } from './worker/client';

mount(document.getElementById('root')!, spawnWorker);
if (import.meta.env.PROD) keepOffline(window);
