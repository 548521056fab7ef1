/** What the command line reads files of other services with: as the service reads their requests. */
export { type RecordFormName, recordForms } from './intake/dialects/record-forms.ts'
export { keepDigits } from './intake/dialects/tolerant-json.ts'
