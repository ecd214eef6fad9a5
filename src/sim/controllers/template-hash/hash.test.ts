import { expect, it } from 'vitest';
import { podTemplateHash, safeEncode, statefulSetRevisionHash, templateDump } from './hash';
import { canonicalQuantity, dumpQuantity } from './quantity';

const container = (more: object = {}): object => ({
  name: 'nginx',
  image: 'nginx',
  imagePullPolicy: 'Always',
  terminationMessagePath: '/dev/termination-log',
  terminationMessagePolicy: 'File',
  resources: {},
  ...more,
});

const template = (app: string, containers: object[]): Record<string, unknown> => ({
  metadata: { labels: { app } },
  spec: {
    containers,
    dnsPolicy: 'ClusterFirst',
    restartPolicy: 'Always',
    schedulerName: 'default-scheduler',
    securityContext: {},
    terminationGracePeriodSeconds: 30,
  },
});

// `kubectl create deployment nginx --image=nginx`, as clusters of these releases name its ReplicaSet.
it.each([
  [32, '5869d7778c'],
  [33, '5869d7778c'],
  [34, '66686b6766'],
  [35, '56c45fd5ff'],
  [36, '7f8fbb96d'],
])('hashes the plain nginx template as 1.%i does', (minor, hash) => {
  expect(podTemplateHash(template('nginx', [container()]), undefined, minor)).toBe(hash);
});

it('covers resources, and the collision count', () => {
  const resources = { limits: { cpu: '500m', memory: '128Mi' }, requests: { cpu: '250m', memory: '64Mi' } };
  const row = container({ name: 'a', image: 'nginx:1.27', imagePullPolicy: 'IfNotPresent', resources });
  expect(podTemplateHash(template('web', [row]))).toBe('dfcd8656c');
  expect(podTemplateHash(template('nginx', [container()]), 1, 32)).toBe('5dbdb99998');
});

it('takes a StatefulSet revision from the JSON patch', () => {
  const ports = [{ containerPort: 80, name: 'web', protocol: 'TCP' }];
  const row = container({ image: 'nginx:1.7.9', imagePullPolicy: 'IfNotPresent', ports });
  expect(statefulSetRevisionHash(template('nginx', [row]))).toBe('6c5c7fd59b');
  expect(statefulSetRevisionHash(template('nginx', [row]), 0, false)).toBe('c8fdc674');
});

it('dumps named types, pointers and embedded structs', () => {
  const probe = { httpGet: { path: '/ready', port: 'http', scheme: 'HTTP' }, periodSeconds: 10 };
  const dump = templateDump(template('web', [container({ readinessProbe: probe })]));
  expect(dump).toContain(
    'ReadinessProbe:(*v1.Probe){ProbeHandler:(v1.ProbeHandler){Exec:(*v1.ExecAction)<nil> HTTPGet:(*v1.HTTPGetAction){Path:(string)/ready Port:(intstr.IntOrString){Type:(intstr.Type)1 IntVal:(int32)0 StrVal:(string)http}',
  );
  expect(dump).toContain('TerminationGracePeriodSeconds:(*int64)30 ActiveDeadlineSeconds:(*int64)<nil>');
});

it.each([
  ['0.5', '500m'],
  ['1000m', '1'],
  ['1024Mi', '1Gi'],
  ['1.5Gi', '1536Mi'],
  ['128974848', '128974848'],
  ['1500k', '1500k'],
  ['2000k', '2M'],
  ['0', '0'],
])('writes %s canonically as %s', (given, canonical) => {
  expect(canonicalQuantity(given)).toBe(canonical);
});

it('caches the text of a quantity only where parsing proves it canonical', () => {
  expect(dumpQuantity('500m')).toContain('s:(string)500m Format:(resource.Format)DecimalSI');
  expect(dumpQuantity('128Mi')).toContain('value:(int64)134217728 scale:(resource.Scale)0');
  expect(dumpQuantity('128Mi')).toContain('s:(string) Format:(resource.Format)BinarySI');
  expect(dumpQuantity('100Mi')).toContain('s:(string)100Mi');
});

it('encodes digits without vowels', () => {
  expect(safeEncode('0123456789')).toBe('456789bcdf');
});
