import { expect, it } from 'vitest';
import { kindKey, resourceByName, resourceOf, RESOURCES } from './resources';

it.each([
  ['svc', 'Service'],
  ['Pods', 'Pod'],
  ['deploy', 'Deployment'],
  ['deployments.apps', 'Deployment'],
  ['deployments.v1.apps', 'Deployment'],
  ['ingresses.networking.k8s.io', 'Ingress'],
  ['netpol', 'NetworkPolicy'],
  ['endpointslices', 'EndpointSlice'],
  ['ev', 'Event'],
])('%s names %s', (text, kind) => expect(resourceByName(text)?.kind).toBe(kind));

it('knows what it does not know', () => {
  expect(resourceByName('widgets')).toBeNull();
  expect(resourceByName('deployments.batch')).toBeNull();
});

it.each([
  ['ServiceMonitor', 'monitoring.coreos.com/v1', 'servicemonitors', true],
  ['ClusterPolicy', 'kyverno.io/v1', 'clusterpolicies', false],
  ['VirtualService', 'networking.istio.io/v1', 'virtualservices', true],
  ['Mesh', 'x.io/v1', 'meshes', true],
  ['Gateway', 'networking.istio.io/v1', 'gateways', true],
])('guesses names of %s', (kind, apiVersion, plural, namespaced) => {
  const resource = resourceOf(kind, apiVersion);
  expect(resource).toMatchObject({ plural, namespaced, simulated: false, known: false, apiVersion });
});

it('reads its own table', () => {
  expect(RESOURCES.length).toBe(46);
  expect(resourceOf('TLSRoute', 'gateway.networking.k8s.io/v1').known).toBe(true);
  expect(resourceOf('Deployment')).toMatchObject({ apiVersion: 'apps/v1', group: 'apps', namespaced: true });
  expect(resourceOf('Node')).toMatchObject({ apiVersion: 'v1', namespaced: false, shortNames: ['no'] });
  expect(kindKey('Gateway', 'networking.istio.io/v1')).toBe('Gateway.networking.istio.io');
  expect(kindKey('Ingress', 'networking.k8s.io/v1')).toBe('Ingress');
});
