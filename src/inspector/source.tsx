/** Where something comes from: the object, and the lines of YAML behind it with one click to the editor. */
import { useEffect, useState } from 'react';
import { openRef } from '../state/moves';
import { jumpTo } from '../state/places';
import { session } from '../state/session';
import { theClient } from '../state/wire';
import { useWorkspace } from '../state/workspace';
import type { Located } from '../worker/client';
import { LinkButton } from '../ui/lists';
import { refWords } from '../ui/refs';

/** The place of an object's field in the manifests; asked again when the applied text changes. */
export function useLocated(refText: string, path: string): Located | null {
  const applied = useWorkspace((state) => state.applied);
  const [heard, setHeard] = useState<{ key: string; located: Located } | null>(null);
  const key = `${refText} ${path}`;
  useEffect(() => {
    let gone = false;
    void theClient()
      .locate(refText, path)
      .then((located) => !gone && setHeard({ key, located }));
    return () => {
      gone = true;
    };
  }, [refText, path, key, applied]);
  return heard?.key === key ? heard.located : null;
}

/** `mark`: this is what the hop you stand on comes from, so the editor marks the line too. */
export function Source({ refText, path, mark }: { refText: string; path: string; mark: boolean }) {
  const located = useLocated(refText, path);
  const range = located?.range ?? null;
  useEffect(() => {
    if (!mark || range === null) return;
    session.setState({ litRange: range });
    return () => session.setState({ litRange: null });
  }, [mark, range]);
  return (
    <div className="source">
      <p className="k2">
        from{' '}
        {range === null ? (
          <LinkButton onPress={() => openRef(refText)}>{refWords(refText)}</LinkButton>
        ) : (
          <LinkButton onPress={() => jumpTo(range)}>
            {refWords(located?.from ?? refText)}, line {range.line}
          </LinkButton>
        )}
        {range === null && located !== null && located.from !== refText && (
          <span>, of {refWords(located.from)}</span>
        )}
      </p>
      {range !== null && (
        <Peek file={range.file} line={range.line} whole={path === '' || located?.from !== refText} />
      )}
    </div>
  );
}

/** A field: three lines of the applied text, the last of them the one that counts. A whole object: its first lines. */
function Peek({ file, line, whole }: { file: string; line: number; whole: boolean }) {
  const text = useWorkspace((state) => state.sent?.find((one) => one.name === file)?.text ?? '');
  const lines = text.split('\n');
  const from = whole ? line : Math.max(1, line - 2);
  return (
    <div className="peek">
      {lines.slice(from - 1, whole ? line + 3 : line).map((content, i) => (
        <div key={from + i} className={!whole && from + i === line ? 'ln now' : 'ln'}>
          <i>{from + i}</i>
          <span className="ellipsis">{content}</span>
        </div>
      ))}
    </div>
  );
}
