/** A sentence in which addresses, devices and chains stand in mono, and what something became stands out. */
import { Fragment } from 'react';

const CODE =
  /(\[[0-9a-f:]+\](?::\d+)?|\b\d+\.\d+\.\d+\.\d+(?::\d+|\/\d+)?|\b(?:[0-9a-f]{2}:){5}[0-9a-f]{2}\b|\b(?:cni0|eth0|flannel\.1|lo|veth\w+)\b|\bKUBE-[A-Z0-9-]+|\b(?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING)\b)/g;

export function Sentence({ text }: { text: string }) {
  const parts = text.split(CODE);
  const rewrites = / becomes /.test(text);
  const lastCode = parts.length - 2;
  return (
    <span className="s" title={text}>
      {parts.map((part, i) =>
        i % 2 === 0 ? (
          <Fragment key={i}>{part}</Fragment>
        ) : (
          <span key={i} className={rewrites && i === lastCode ? 'mono last' : 'mono'}>
            {part}
          </span>
        ),
      )}
    </span>
  );
}
