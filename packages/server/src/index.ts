export { type Config, ConfigError, readConfig } from './config/read-config.ts'
export { type Server, startServer } from './server.ts'
export { version } from './version.ts'
