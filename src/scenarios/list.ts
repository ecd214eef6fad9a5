/** The examples by name, in the order in which a newcomer would want them. The folder of each holds its manifests. */
export interface Scenario {
  /** Name of the folder. */
  readonly id: string;
  readonly title: string;
  /** What there is to see, in a sentence. */
  readonly lead: string;
  /** Something is wrong on purpose, and to be found. */
  readonly fault?: true;
}

export const SCENARIOS: readonly Scenario[] = [
  {
    id: 'frontend-calls-backend',
    title: 'Frontend calls backend',
    lead: 'Pods come and go, the Service’s address stays, and requests keep arriving.',
  },
  {
    id: 'every-kind-of-service',
    title: 'Every kind of Service',
    lead: 'ClusterIP, headless, NodePort, LoadBalancer, ExternalName and a sticky one, with the world outside.',
  },
  {
    id: 'slow-start-rolling-update',
    title: 'A rolling update that loses nothing',
    lead: 'Change the image: new pods wait until they are ready, old ones finish before they go.',
  },
  {
    id: 'headless-statefulset',
    title: 'A StatefulSet with names that stay',
    lead: 'No virtual address: DNS gives each pod’s own, by its own name.',
  },
  {
    id: 'two-namespaces',
    title: 'Two namespaces',
    lead: 'The same name twice, and a page that reaches both: namespaces name things, they do not fence them in.',
  },
  {
    id: 'five-questions',
    title: 'One name, many questions',
    lead: 'What ndots:5 and the search list cost a name of the outside, and what a dot at its end saves.',
  },
  {
    id: 'selector-typo',
    title: 'No endpoints',
    lead: 'Everything runs, and the frontend is refused at once.',
    fault: true,
  },
  {
    id: 'wrong-target-port',
    title: 'Nobody listens',
    lead: 'Endpoints are ready, packets arrive, and the pod itself refuses them.',
    fault: true,
  },
  {
    id: 'never-ready',
    title: 'Running, never ready',
    lead: 'The pods run, and the Service has none of them.',
    fault: true,
  },
  {
    id: 'only-local',
    title: 'Works on one node only',
    lead: 'Two frontends ask the same Service; one of them waits for ever.',
    fault: true,
  },
];
