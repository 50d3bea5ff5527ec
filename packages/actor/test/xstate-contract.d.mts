/** What is taken for granted of xstate, by name. Each throws if it is not so. */
export const contracts: Readonly<Record<string, () => void | Promise<void>>>
export function isDevelopmentBuild(): boolean
