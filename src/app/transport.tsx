/** Back, play or pause, next hop, next event; virtual time; and the switch that hurries between packets. */
import { useMirror } from '../state/mirror-hooks';
import { useSession } from '../state/session';
import { setPace } from '../state/wire';
import { formatTime } from '../ui/format';
import { Icon } from '../ui/icons';
import { command, run } from './commands';

const tip = (id: string, name?: string): string => {
  const found = command(id);
  return `${name ?? found.name} (${found.key})`;
};

export function Transport({ large = false }: { large?: boolean }) {
  const paused = useSession((state) => state.pace.paused);
  const ready = useSession((state) => state.phase === 'ready');
  const open = useSession((state) => state.selection?.kind === 'packet');
  const back = open ? 'Back one hop' : 'Back to where the last thing began';
  return (
    <div className={large ? 'group large' : 'group'} role="group" aria-label="Time">
      <button
        type="button"
        className="btn icon"
        aria-label={back}
        title={tip('back', back)}
        disabled={!ready}
        onClick={() => run('back')}
      >
        <Icon name="back" />
      </button>
      <button
        type="button"
        className="btn icon main"
        aria-label={paused ? 'Play' : 'Pause'}
        title={tip('play', paused ? 'Play' : 'Pause')}
        disabled={!ready}
        onClick={() => run('play')}
      >
        <Icon name={paused ? 'play' : 'pause'} />
      </button>
      <button type="button" className="btn" title={tip('hop')} disabled={!ready} onClick={() => run('hop')}>
        <Icon name="hop" />
        Hop
      </button>
      <button
        type="button"
        className="btn"
        title={tip('event')}
        disabled={!ready}
        onClick={() => run('event')}
      >
        <Icon name="event" />
        Event
      </button>
    </div>
  );
}

export function AutoSwitch() {
  const auto = useSession((state) => state.pace.auto);
  return (
    <button
      type="button"
      className="btn auto"
      aria-pressed={auto}
      title={tip('auto', 'The dial holds while a packet is on its way; time hurries in between')}
      onClick={() => setPace({ auto: !auto })}
    >
      Auto
    </button>
  );
}

export function VirtualTime({ bare = false }: { bare?: boolean }) {
  const text = useMirror((state) => formatTime(state.nowNs));
  return (
    <div className="vtime" role="timer" aria-label={`virtual time ${text}`} aria-live="off">
      {!bare && <span className="small k3">virtual time</span>}
      <span className="mono strong">{text}</span>
    </div>
  );
}
