/** A cluster that is made with settings, and a document that says otherwise. */
import { expect, it } from 'vitest';
import { Cluster } from '../sim/cluster';
import { clusterChoices, proxyChoices } from './boot-settings';

const DOCUMENT = `
apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
mode: nftables
`;

it('starts with what was chosen', () => {
  const settings = {
    proxyMode: 'ipvs',
    ipvsScheduler: 'lc',
    loadBalancer: 'none',
    ipFamilies: ['IPv4', 'IPv6'],
  } as const;
  const cluster = Cluster.create({ seed: 1, ...clusterChoices(settings) });
  cluster.fault({ kind: 'proxy-settings', change: proxyChoices(settings) });
  cluster.runUntilSettled();
  expect(cluster.facts).toMatchObject({
    proxyMode: 'ipvs',
    loadBalancer: 'none',
    ipFamilies: ['IPv4', 'IPv6'],
    proxy: { ipvsScheduler: 'lc', switching: [], written: { proxy: false, loadBalancer: false } },
  });
  expect(cluster.probe({ what: 'ipvsadm', node: 'node-1' }).text).toMatch(/10\.96\.0\.10:53 lc/);
});

it('lets a document among the manifests win, node after node', () => {
  const cluster = Cluster.create({ seed: 1, ...clusterChoices({ proxyMode: 'ipvs' }) });
  cluster.apply([{ name: 'proxy.yaml', text: DOCUMENT }]);
  expect(cluster.facts.proxyMode).toBe('nftables');
  expect(cluster.facts.proxy).toMatchObject({ switching: ['node-1', 'node-2'], written: { proxy: true } });
  cluster.runUntilSettled();
  expect(cluster.facts.proxy?.switching).toEqual([]);
  expect(cluster.probe({ what: 'nft', node: 'node-2' }).text).toContain('table ip kube-proxy');
});
