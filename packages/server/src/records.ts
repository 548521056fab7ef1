/** What the command line reads files of other services with: as the service reads their requests. */
export { Refusal } from './base/refusal.ts'
export { type RecordFormName, recordForms } from './intake/dialects/record-forms.ts'
