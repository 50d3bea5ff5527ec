// Types of readme-examples.mjs, which is plain JavaScript.
export interface ReadmeExample {
  readonly code: string
  readonly prints: readonly string[]
}

/** @param page - `README.md` by default, or another page. */
export function readmeExamples(page?: string): readonly ReadmeExample[]
