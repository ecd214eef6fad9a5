/** The YAML language service, in its own worker: completion, hover and schema checks. */
import 'monaco-yaml/yaml.worker.js';
