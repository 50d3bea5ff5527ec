// The examples of README.md and docs/api.md: taken out as they are, with what each says that it prints. Plain
// JavaScript, because the check of the packed tarballs runs without a test runner.
import { readFileSync } from 'node:fs'

/** Each `js` block of a page, and the comments behind its console.log calls. */
export function readmeExamples(page = 'README.md') {
  const text = readFileSync(new URL(`../${page}`, import.meta.url), 'utf8')
  return [...text.matchAll(/^```js\n([\s\S]*?)^```$/gm)].map(([, code]) => ({
    code,
    prints: [...code.matchAll(/console\.log\(.*\/\/ (.+)$/gm)].map(([, printed]) => printed),
  }))
}
