/** What can be done to a pod, below its card: send a request from it, hold it unready, kill it. */
import type { PodView, ServiceView } from '../sim/view';
import { useTable } from '../state/mirror';
import { sendFault } from '../state/wire';
import { DropdownMenu } from '../ui/menu';

/** Addresses that a pod can ask for by one click: each Service port that speaks TCP, by its short name. */
export function targetsOf(pod: PodView, services: readonly ServiceView[]): string[] {
  return services.flatMap((service) => {
    if (service.namespace === 'kube-system' || service.name === 'kubernetes') return [];
    const host = service.namespace === pod.namespace ? service.name : `${service.name}.${service.namespace}`;
    return service.ports
      .filter((port) => port.protocol === 'TCP')
      .map((port) => `http://${host}${port.port === 80 ? '' : `:${port.port}`}`);
  });
}

export function PodActions({ pod, onDone }: { pod: PodView; onDone: () => void }) {
  const services = useTable('services');
  const targets = targetsOf(pod, services);
  const send = (url: string): void => {
    sendFault({ kind: 'request', ref: pod.ref, url });
    onDone();
  };
  return (
    <div className="pod-actions nopan" role="group" aria-label={`Actions on ${pod.name}`}>
      {targets.length > 0 && (
        <DropdownMenu.Root>
          <DropdownMenu.Trigger className="cv-button">Send</DropdownMenu.Trigger>
          <DropdownMenu.Portal>
            <DropdownMenu.Content className="menu" align="start" sideOffset={4} aria-label="Send a request">
              {targets.map((url) => (
                <DropdownMenu.Item key={url} onSelect={() => send(url)}>
                  <span className="mono">GET {url}</span>
                </DropdownMenu.Item>
              ))}
            </DropdownMenu.Content>
          </DropdownMenu.Portal>
        </DropdownMenu.Root>
      )}
      <button
        type="button"
        className="cv-button"
        onClick={() => {
          sendFault({ kind: 'hold-unready', ref: pod.ref, held: !pod.heldUnready });
          onDone();
        }}
      >
        {pod.heldUnready ? 'Release' : 'Unready'}
      </button>
      <button
        type="button"
        className="cv-button"
        onClick={() => {
          sendFault({ kind: 'kill-pod', ref: pod.ref });
          onDone();
        }}
      >
        Kill
      </button>
    </div>
  );
}
