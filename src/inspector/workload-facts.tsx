/** A workload: how many pods it wants and has, and which they are. */
import { useTable } from '../state/mirror';
import { useRecord } from '../state/mirror-hooks';
import { openRef } from '../state/moves';
import { scaleBy } from '../state/scaling';
import { Kv } from '../ui/controls';
import { PodDisc } from '../ui/glyphs';
import { bounded, LinkButton, More } from '../ui/lists';

export function WorkloadFacts({ refText }: { refText: string }) {
  const workload = useRecord('workloads', refText);
  const pods = useTable('pods').filter((pod) => pod.workload === refText);
  const { shown, more } = bounded(pods, 30);
  const scale = (by: number): void => scaleBy(refText, workload?.desired ?? 0, by);
  return (
    <>
      {workload !== null && (
        <section className="sec" aria-label="State">
          <div className="kv">
            <span className="k2">Wanted</span>
            <span className="right">
              <b>{workload.desired}</b>{' '}
              {workload.scalable && (
                <span className="step">
                  <button
                    type="button"
                    aria-label="One replica less"
                    disabled={workload.desired <= 0}
                    onClick={() => scale(-1)}
                  >
                    −
                  </button>
                  <button type="button" aria-label="One replica more" onClick={() => scale(1)}>
                    +
                  </button>
                </span>
              )}
            </span>
          </div>
          <Kv label="Ready">{workload.ready}</Kv>
          <Kv label="Up to date">{workload.updated}</Kv>
          <Kv label="Available">{workload.available}</Kv>
        </section>
      )}
      <section className="sec" aria-label="Pods">
        <h3>{pods.length} pods</h3>
        {shown.map((pod) => (
          <div key={pod.ref} className="kv">
            <span className="with-disc">
              <PodDisc look={pod.look} />
              <LinkButton onPress={() => openRef(pod.ref)}>{pod.name}</LinkButton>
            </span>
            <span className="mono">{pod.ip ?? pod.status}</span>
          </div>
        ))}
        <More many={more} />
      </section>
    </>
  );
}
