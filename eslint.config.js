import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'playwright-report', 'test-results', 'public'] },
  ...tseslint.configs.recommended,
  { files: ['**/*.tsx'], ...reactHooks.configs.flat['recommended-latest'] },
  {
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/consistent-type-imports': 'error',
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
    },
  },
  {
    // Both are loaded after the first picture (src/ui/menu.tsx, src/ui/dialog.tsx).
    files: ['src/**'],
    ignores: ['src/ui/**'],
    rules: {
      'no-restricted-imports': ['error', { name: 'radix-ui', message: 'Use src/ui/menu or src/ui/dialog.' }],
    },
  },
  { files: ['.ci/**', 'src/cli/**', 'e2e/**'], rules: { 'no-console': 'off' } },
);
