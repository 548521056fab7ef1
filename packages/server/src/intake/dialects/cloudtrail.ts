import { mapRecord } from './cloudtrail/record.ts'
import type { RecordForm } from './records.ts'

/** Records of AWS CloudTrail; `eventID` is the idempotency key. */
export const cloudTrail: RecordForm = {
  name: 'cloudtrail',
  otherwise: 'Not a CloudTrail record: it has no eventSource and eventName.',
  map: mapRecord,
  idOf: ({ eventID }) => eventID,
  table: [
    ['/time', '/eventTime'],
    ['/action', '/eventName'],
    ['/actor', '/userIdentity'],
    ['/id', '/eventID'],
    ['/context/ip', '/sourceIPAddress'],
    ['/context/agent', '/userAgent'],
    ['/data', ''],
  ],
}
