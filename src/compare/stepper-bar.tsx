/** Back, play, on, and the packets to choose from; on a narrow screen also the way to each mode's section. */
import { useEffect, useRef } from 'react';
import type { CompareMode } from '../worker/compare-protocol';
import { Icon } from '../ui/icons';
import type { Chapter } from './align';
import { STAGE_WORDS, type Stage } from './stage';
import type { Stepper } from './steps';
import { MODE_NAMES } from './words';

export function StepperBar(props: {
  stepper: Stepper;
  modes: readonly CompareMode[];
  still: boolean;
  narrow: boolean;
}) {
  const { stepper, modes, still, narrow } = props;
  const { walk, at, playing, go, setPlaying } = stepper;
  const position = walk.positions[at];
  const part = position === undefined ? undefined : walk.chapters[position.chapter];
  const row = position === undefined ? undefined : part?.rows[position.row];
  const last = walk.positions.length - 1;
  const byHand = (to: number): void => {
    setPlaying(false);
    go(to);
  };
  return (
    <div className="cmp-bar">
      <div className="group" role="group" aria-label="Step all modes">
        <button
          type="button"
          className="btn icon"
          aria-label="Step back"
          title="Step back (←)"
          disabled={at <= 0}
          onClick={() => byHand(at - 1)}
        >
          <Icon name="left" />
        </button>
        {!still && (
          <button
            type="button"
            className="btn icon"
            aria-label={playing ? 'Pause' : 'Play'}
            title={playing ? 'Pause' : 'Play'}
            disabled={!playing && at >= last}
            onClick={() => setPlaying(!playing)}
          >
            <Icon name={playing ? 'pause' : 'play'} />
          </button>
        )}
        <button
          type="button"
          className="btn main"
          title="Next step (→)"
          disabled={at >= last}
          onClick={() => byHand(at + 1)}
        >
          Next step
        </button>
      </div>
      {part !== undefined && row !== undefined && position !== undefined && (
        <p className="cmp-where" aria-live="polite">
          <span className="strong">
            {part.chapter.label}: {stageWords(part.chapter.role, row.stage)}
          </span>{' '}
          <span className="small k3 nw">
            step {position.row + 1} of {part.rows.length}
          </span>
        </p>
      )}
      <Packets stepper={stepper} />
      {narrow && (
        <nav className="cmp-switch" aria-label="Modes">
          {modes.map((mode) => (
            <a key={mode} href={`#cmp-${mode}`} onClick={(event) => jump(event, mode)}>
              {MODE_NAMES[mode]}
            </a>
          ))}
        </nav>
      )}
    </div>
  );
}

/** What answers is not decided anew: the address that was asked for is put back. */
function stageWords(role: Chapter['role'], stage: Stage): string {
  const back = role === 'reply' || role === 'dns-answer' || role === 'error';
  return stage === 'decide' && back ? 'changed back' : STAGE_WORDS[stage].toLowerCase();
}

/** Brings the mode's section up; the address of the page stays as it is. */
function jump(event: { preventDefault(): void }, mode: CompareMode): void {
  event.preventDefault();
  document.getElementById(`cmp-${mode}`)?.scrollIntoView({ block: 'start' });
}

function Packets({ stepper: { walk, at, go, setPlaying } }: { stepper: Stepper }) {
  const here = walk.positions[at]?.chapter;
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    // On a narrow screen they are one line that scrolls.
    const [box, button] = [list.current, here === undefined ? undefined : list.current?.children[here]];
    if (box && button instanceof HTMLElement) box.scrollLeft = button.offsetLeft - box.clientWidth / 2;
  }, [here]);
  return (
    <div ref={list} className="cmp-packets" role="group" aria-label="Packets">
      {walk.chapters.map(({ chapter }, i) => (
        <button
          key={chapter.key}
          type="button"
          className={`cmp-packet ${chapter.role}`}
          aria-pressed={i === here}
          aria-label={`${chapter.label}, packet ${i + 1} of ${walk.chapters.length}`}
          onClick={() => {
            setPlaying(false);
            go(walk.positions.findIndex((position) => position.chapter === i));
          }}
        >
          {chapter.label}
        </button>
      ))}
    </div>
  );
}
