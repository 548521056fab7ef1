export * from './start-server.ts'
