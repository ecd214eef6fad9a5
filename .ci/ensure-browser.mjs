// Finds a Chromium-family browser for the browser tests, or installs one. Prints its path when run by itself.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const LINUX_NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'microsoft-edge',
];

function quiet(command, args) {
  return spawnSync(command, args, { stdio: ['ignore', 2, 2] }).status === 0;
}

function onPath(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' }).stdout?.trim();
}

function ownDownload() {
  try {
    return require('playwright-core').chromium.executablePath();
  } catch {
    return '';
  }
}

function answers(path) {
  return spawnSync(path, ['--version'], { encoding: 'utf8', timeout: 30_000 }).status === 0;
}

function candidates() {
  const found = [process.env.CHROME_PATH, ownDownload()];
  if (process.platform === 'linux') found.push(...LINUX_NAMES.map(onPath));
  if (process.platform === 'darwin') {
    for (const name of ['Google Chrome', 'Chromium', 'Microsoft Edge']) {
      found.push(`/Applications/${name}.app/Contents/MacOS/${name}`);
    }
  }
  return found.filter((path) => path && existsSync(path));
}

/** The browser's path; null when there is none yet. */
function findBrowser() {
  return candidates().find(answers) ?? null;
}

/** The browser's path, after installing one where that is possible. */
export function ensureBrowser() {
  let path = findBrowser();
  if (!path && process.platform === 'linux' && process.getuid?.() === 0 && onPath('apt-get')) {
    quiet('apt-get', ['update', '-qq']);
    quiet('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium', 'fonts-dejavu-core']);
    path = findBrowser();
  }
  if (!path) {
    quiet(process.execPath, [require.resolve('playwright-core/cli.js'), 'install', 'chromium']);
    path = findBrowser();
  }
  if (!path)
    throw new Error('No Chromium found. Install Chromium or Chrome, or set CHROME_PATH to its program.');
  return path;
}

if (import.meta.url === `file://${process.argv[1]}`) console.log(ensureBrowser());
