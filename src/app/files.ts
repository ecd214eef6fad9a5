/** Manifests in and out of the page: files that are picked or dropped, and a download of what is typed. */
import { addFiles } from '../state/replacing';
import { workspace } from '../state/workspace';
import { session } from '../state/session';

const MAX_BYTES = 2_000_000;

/** Takes files that look like manifests into the workspace; says what it left out. */
export async function takeFiles(list: Iterable<File>): Promise<void> {
  const taken = [];
  const left = [];
  for (const file of list) {
    if (file.size > MAX_BYTES || !/\.(ya?ml|json|txt)$/i.test(file.name)) left.push(file.name);
    else taken.push({ name: file.name, text: await file.text() });
  }
  addFiles(taken);
  const names = taken.map((file) => file.name).join(', ');
  const said = [
    names && `Added ${names}.`,
    left.length > 0 && `Left out ${left.join(', ')}: not a manifest.`,
  ];
  session.setState({ notice: said.filter(Boolean).join(' ') });
}

/** Opens the browser's file picker. */
export function pickFiles(): Promise<void> {
  return new Promise((resolve) => {
    const input = document.createElement('input');
    input.type = 'file';
    input.multiple = true;
    input.accept = '.yaml,.yml,.json,.txt';
    input.onchange = () => resolve(takeFiles(input.files ?? []));
    input.click();
  });
}

/** Saves what is typed as one YAML file. */
export function downloadManifests(): void {
  const { files, name } = workspace.getState();
  const text = files.map((file) => file.text.trimEnd()).join('\n---\n');
  saveText(`${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.yaml`, `${text}\n`);
}

/** Hands a text to the browser as a file. */
export function saveText(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/plain' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
