import { expect, it } from 'vitest';
import { TwoMachines } from '../testing/two-machines';
import { selectSource } from './route';

it('never picks a loopback address as a source that others see, but any other address on lo', () => {
  const { m1 } = new TwoMachines();
  // 127.0.0.1 is of scope host (inet_select_addr); what masquerade picks on lo is the card's address.
  expect(selectSource(m1.netns('host'), 'lo', '192.168.0.11')).toBe('192.168.0.11');
  m1.addAddress('host', 'lo', '192.0.2.1/32');
  expect(selectSource(m1.netns('host'), 'lo', '192.168.0.11')).toBe('192.0.2.1');
});
