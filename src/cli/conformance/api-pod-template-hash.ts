/** Reads pod-template-hash.json: the three revision hashes, for the releases whose types are known. */
import {
  fnv1a,
  podTemplateHash,
  safeEncode,
  statefulSetRevisionHash,
  templateDump,
} from '../../sim/controllers/template-hash/hash';
import { attempt, check } from './case-check';
import type { CaseResult, Format } from './result';

/* eslint-disable @typescript-eslint/no-explicit-any -- case files are data of many shapes */
const minorOf = (version: string): number => Number(version.split('.')[1]);

function templateCase(row: any): CaseResult[] {
  const template = row.defaultedTemplate as object;
  const hashes = Object.entries(row.hash as Record<string, string>).map(([version, hash]) =>
    attempt(`${row.id}/${version}`, () =>
      check(`${row.id}/${version}`, hash, podTemplateHash(template, undefined, minorOf(version))),
    ),
  );
  const dump = templateDump(template, 32);
  const facts: CaseResult[] = [];
  if (row.dump_1_32 !== undefined) facts.push(check(`${row.id}/dump`, row.dump_1_32, dump));
  if (row.fnv1a !== undefined)
    facts.push(
      check(
        `${row.id}/fnv1a`,
        { sum: row.fnv1a, length: row.dumpLength },
        { sum: fnv1a(dump), length: dump.length },
      ),
    );
  return [...hashes, ...facts];
}

function collisionCases(data: any): CaseResult[] {
  return (data.collisionCases ?? []).map((row: any) => {
    const id = `collision/${row.template}/${row.version}/${row.collisionCount}`;
    const source = data.cases.find((entry: any) => entry.id === row.template);
    return attempt(id, () =>
      check(
        id,
        row.hash,
        podTemplateHash(source.defaultedTemplate, row.collisionCount, minorOf(row.version)),
      ),
    );
  });
}

function statefulSetCase(row: any): CaseResult[] {
  const id = `statefulset/${row.revisionName ?? row.hash}`;
  return [
    check(id, row.hash, statefulSetRevisionHash(row.template, row.collisionCount)),
    check(
      `${id}/1.34.0`,
      row.withoutCreationTimestamp,
      statefulSetRevisionHash(row.template, row.collisionCount, false),
    ),
  ];
}

const templateHashFormat: Format = (data: any) => [
  check('safe-encode/digits', '456789bcdf', safeEncode('0123456789')),
  ...data.podTemplateHash.cases.flatMap(templateCase),
  ...collisionCases(data.podTemplateHash),
  ...data.statefulSetRevision.cases.flatMap(statefulSetCase),
];

export const formats: Readonly<Record<string, Format>> = { 'pod-template-hash.json': templateHashFormat };
