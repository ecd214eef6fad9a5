// Writes src/editor/schemas/k8s.json: JSON Schemas for the editor, made from the type declarations of kubernetes-models
// (descriptions, enums, required fields) and its compiled validators (which numbers are integers).
// Run `node .ci/gen-schemas.mjs` after an update of those packages; the result is checked in, so a build needs none of it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const MODULES = resolve('node_modules');
const OUT = 'src/editor/schemas/k8s.json';
const CORE = 'kubernetes-models';
/** Package, group and version, kinds. */
const KINDS = [
  [
    CORE,
    'v1',
    'Service Pod Namespace Node Endpoints ConfigMap Secret ServiceAccount ReplicationController ResourceQuota LimitRange',
  ],
  [CORE, 'apps/v1', 'Deployment StatefulSet DaemonSet ReplicaSet'],
  [CORE, 'batch/v1', 'Job CronJob'],
  [CORE, 'networking.k8s.io/v1', 'Ingress IngressClass NetworkPolicy ServiceCIDR IPAddress'],
  [CORE, 'discovery.k8s.io/v1', 'EndpointSlice'],
  [CORE, 'autoscaling/v2', 'HorizontalPodAutoscaler'],
  [CORE, 'policy/v1', 'PodDisruptionBudget'],
  [
    '@kubernetes-models/gateway-api',
    'gateway.networking.k8s.io/v1',
    'Gateway GatewayClass HTTPRoute GRPCRoute TLSRoute ReferenceGrant BackendTLSPolicy',
  ],
];

const files = new Map();
const definitions = {};
const packageOf = {};

/** Imports, declarations and renamed exports of one .d.ts file. */
function load(path) {
  const known = files.get(path);
  if (known !== undefined) return known;
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const file = { path, imports: new Map(), declarations: new Map(), exported: new Map() };
  files.set(path, file);
  for (const statement of source.statements) {
    if (ts.isImportDeclaration(statement)) {
      for (const element of statement.importClause?.namedBindings?.elements ?? []) {
        const original = (element.propertyName ?? element.name).text;
        file.imports.set(element.name.text, [statement.moduleSpecifier.text, original]);
      }
    } else if (ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)) {
      file.declarations.set(statement.name.text, statement);
    } else if (ts.isExportDeclaration(statement) && statement.exportClause) {
      for (const element of statement.exportClause.elements) {
        if (element.propertyName) file.exported.set(element.name.text, element.propertyName.text);
      }
    }
  }
  return file;
}

function importedPath(from, specifier) {
  const base = specifier.startsWith('.')
    ? resolve(dirname(from), specifier.replace(/\.js$/, ''))
    : join(MODULES, specifier);
  return `${base}.d.ts`;
}

function describe(node) {
  const block = ts.getJSDocCommentsAndTags(node)[0];
  return block && ts.getTextOfJSDocComment(block.comment)?.replace(/\\\*/g, '*');
}

/** Adds the named type to the definitions and returns a reference to it. */
function refTo(file, name) {
  const imported = file.imports.get(name);
  if (imported) return refTo(load(importedPath(file.path, imported[0])), imported[1]);
  const local = file.exported.get(name) ?? name;
  const declaration = file.declarations.get(local);
  if (declaration === undefined) throw new Error(`${name} is not declared in ${file.path}`);
  const outer = [...file.exported].find(([, inner]) => inner === local)?.[0] ?? name;
  const full = outer.replace(/^I(?=Io)/, '');
  if (!(full in definitions)) {
    definitions[full] = null; // Types may be recursive.
    const schema = ts.isInterfaceDeclaration(declaration)
      ? objectOf(file, declaration.members)
      : schemaOf(file, declaration.type);
    const text = describe(declaration);
    if (text) schema.description = text;
    definitions[full] = schema;
    const parts = relative(MODULES, file.path).split('/');
    packageOf[full] = parts.slice(0, parts[0].startsWith('@') ? 2 : 1).join('/');
  }
  return { $ref: `#/definitions/${full}` };
}

function objectOf(file, members) {
  const schema = { type: 'object', properties: {}, additionalProperties: false };
  const required = [];
  for (const member of members) {
    if (ts.isIndexSignatureDeclaration(member)) {
      schema.additionalProperties = schemaOf(file, member.type);
      continue;
    }
    const description = describe(member);
    schema.properties[member.name.text] = {
      ...(description ? { description } : {}),
      ...schemaOf(file, member.type),
    };
    if (!member.questionToken) required.push(member.name.text);
  }
  if (required.length > 0) schema.required = required;
  if (Object.keys(schema.properties).length === 0) delete schema.properties;
  return schema;
}

const PLAIN = {
  [ts.SyntaxKind.StringKeyword]: { type: 'string' },
  [ts.SyntaxKind.NumberKeyword]: { type: 'number' },
  [ts.SyntaxKind.BooleanKeyword]: { type: 'boolean' },
  [ts.SyntaxKind.ObjectKeyword]: { type: 'object' },
  [ts.SyntaxKind.AnyKeyword]: {},
  [ts.SyntaxKind.UnknownKeyword]: {},
};

function schemaOf(file, node) {
  const plain = PLAIN[node.kind];
  if (plain) return { ...plain };
  if (ts.isParenthesizedTypeNode(node)) return schemaOf(file, node.type);
  if (ts.isArrayTypeNode(node)) return { type: 'array', items: schemaOf(file, node.elementType) };
  if (ts.isTypeLiteralNode(node)) return objectOf(file, node.members);
  if (ts.isLiteralTypeNode(node)) {
    return node.literal.kind === ts.SyntaxKind.NullKeyword ? { type: 'null' } : { enum: [node.literal.text] };
  }
  if (ts.isUnionTypeNode(node)) return unionOf(node.types.map((type) => schemaOf(file, type)));
  if (ts.isIntersectionTypeNode(node)) return { allOf: node.types.map((type) => schemaOf(file, type)) };
  if (ts.isTypeReferenceNode(node)) {
    const name = node.typeName.text;
    if (name === 'Array') return { type: 'array', items: schemaOf(file, node.typeArguments[0]) };
    if (name === 'Record')
      return { type: 'object', additionalProperties: schemaOf(file, node.typeArguments[1]) };
    return refTo(file, name);
  }
  throw new Error(`no schema for ${ts.SyntaxKind[node.kind]}: ${node.getText().slice(0, 80)}`);
}

function unionOf(schemas) {
  if (schemas.every((one) => one.enum)) return { type: 'string', enum: schemas.flatMap((one) => one.enum) };
  const plain = schemas.every((one) => typeof one.type === 'string' && Object.keys(one).length === 1);
  return plain ? { type: schemas.map((one) => one.type) } : { anyOf: schemas };
}

/** TypeScript knows only numbers; the package's validators know which of them must be whole. */
async function findIntegers() {
  for (const [name, schema] of Object.entries(definitions)) {
    const path = join(MODULES, packageOf[name], '_schemas', `${name}.js`);
    if (!existsSync(path)) continue;
    const { validate } = await import(pathToFileURL(path).href);
    for (const [field, fieldSchema] of Object.entries(schema.properties ?? {})) {
      if (fieldSchema.type !== 'number') continue;
      validate({ [field]: 1.5 });
      const whole = (validate.errors ?? []).some(
        (error) => error.instancePath === `/${field}` && error.params?.type === 'integer',
      );
      if (whole) fieldSchema.type = 'integer';
    }
  }
}

/** Definitions that the chosen kinds reach, in order of name. */
function reachable(roots) {
  const keep = new Set();
  const visit = (value) => {
    if (value === null || typeof value !== 'object') return;
    const name = typeof value.$ref === 'string' ? value.$ref.split('/').pop() : null;
    if (name !== null && !keep.has(name)) {
      keep.add(name);
      visit(definitions[name]);
    }
    Object.values(value).forEach(visit);
  };
  visit(roots);
  return Object.fromEntries([...keep].sort().map((name) => [name, definitions[name]]));
}

const gvks = KINDS.flatMap(([pkg, apiVersion, kinds]) =>
  kinds.split(' ').map((kind) => {
    const file = load(join(MODULES, pkg, apiVersion, `${kind}.d.ts`));
    return { apiVersion, kind, ref: refTo(file, `I${kind}`).$ref };
  }),
);
await findIntegers();
// Nobody writes a status by hand; without it the schema is a third smaller.
for (const { ref } of gvks) delete definitions[ref.split('/').pop()].properties.status;
mkdirSync(dirname(OUT), { recursive: true });
writeFileSync(
  OUT,
  `${JSON.stringify({ definitions: reachable(gvks.map(({ ref }) => ({ $ref: ref }))), gvks })}\n`,
);
console.log(`${OUT}: ${gvks.length} kinds`);
