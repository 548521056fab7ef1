// The schemas themselves: for validation and OpenAPI. Kept apart from index.ts so that a thread
// which only needs the words does not load the schema library (10 MB in each).
export * from './access.ts'
export * from './administration.ts'
export * from './audit.ts'
export * from './event.ts'
export * from './figures.ts'
export * from './problem.ts'
export * from './redaction.ts'
