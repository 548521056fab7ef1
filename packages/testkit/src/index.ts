export * from './follow.ts'
export * from './send-raw.ts'
export * from './start-server.ts'
