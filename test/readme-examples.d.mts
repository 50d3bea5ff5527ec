// Types of readme-examples.mjs, which is plain JavaScript.
export interface ReadmeExample {
  readonly code: string
  readonly prints: readonly string[]
}

export function readmeExamples(): readonly ReadmeExample[]
