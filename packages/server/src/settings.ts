/** What the command line makes its flags of; loaded without the service. */
export { describeSettings, type SettingInEffect } from './config/describe-settings.ts'
export { readSecretFile } from './config/secret-file.ts'
export { fileVariableOf, type Setting, settings } from './config/settings.ts'
