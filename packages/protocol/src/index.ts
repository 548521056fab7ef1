export * from './event.ts'
export * as limits from './limits.ts'
export * from './problem.ts'
export * from './scope.ts'
